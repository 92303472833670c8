import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'

const installed = join(inject('consumer'), 'node_modules/@trefoil/sdk')
const files = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((path) =>
  statSync(join(installed, path)).isFile(),
)
const read = (path: string) => readFileSync(join(installed, path), 'utf8')
const packagesIn = (paths: readonly string[]) => {
  const named = /^(?:\/\*.*?\*\/ )?(?:import|export) [^'\n]* from '([^.'][^']*)'|import\("([^."][^"]*)"\)/gm
  const specifiers = paths.flatMap((path) => [...read(path).matchAll(named)].map(([, from, inline]) => from ?? inline!))
  return new Set(specifiers.map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0]))
}

describe('what is installed', () => {
  test('is modules with their maps, declarations, and what there is to read', () => {
    const besides = files.filter((path) => !/^dist\/.*(\.js|\.js\.map|\.d\.ts)$/.test(path))
    expect(besides.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json'])
  })

  test('has nothing of the server but declarations', () => {
    const modules = files.filter((path) => path.endsWith('.js'))
    expect(modules.filter((path) => !path.startsWith('dist/clients/sdk/'))).toEqual([])
    expect(modules).toContain('dist/clients/sdk/mod.js')
    expect(packagesIn(modules)).toEqual(new Set(['@trpc/client']))
  })

  test('names no package but tRPC and zod, which it depends on', () => {
    const named = packagesIn(files.filter((path) => path.endsWith('.d.ts')))
    expect(named).toEqual(new Set(['@trpc/server', 'zod']))
    const { dependencies } = JSON.parse(read('package.json'))
    expect(new Set(Object.keys(dependencies))).toEqual(new Set(['@trpc/client', ...named]))
  })

  test('has no tests and no examples', () => {
    expect(files.filter((path) => /test|example/i.test(path))).toEqual([])
  })

  test('has maps that hold their sources, line by line', () => {
    const maps = files.filter((path) => path.endsWith('.js.map'))
    expect(maps.length).toBeGreaterThan(10)
    for (const path of maps) {
      const { sourcesContent, mappings } = JSON.parse(read(path))
      expect(sourcesContent[0], path).toContain('\n')
      const lines = read(path.replace(/\.map$/, '')).split('\n').length
      expect(mappings.split(';').length, path).toBeLessThanOrEqual(lines)
    }
  })

  test('is small', () => {
    expect(statSync(inject('tarball')).size).toBeLessThan(120_000)
    const modules = files.filter((path) => path.endsWith('.js')).map((path) => statSync(join(installed, path)).size)
    expect(modules.reduce((sum, size) => sum + size)).toBeLessThan(60_000)
  })
})

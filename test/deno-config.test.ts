import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { settings } from '../platform/config/settings.ts'
import { root } from './architecture/sources.ts'

interface DenoConfig {
  tasks: Record<string, { command: string }>
  imports: Record<string, string>
  permissions: Record<string, { env: { allow: string[] } }>
}

const read = <T>(file: string): T => JSON.parse(readFileSync(join(root, file), 'utf8'))
const deno = read<DenoConfig>('deno.json')
const npm = read<Record<'dependencies' | 'optionalDependencies', Record<string, string>>>('package.json')

// Deno resolves packages by itself, without npm: what it takes has to be what Node takes.
describe('packages', () => {
  const { tsx: _, ...needed } = { ...npm.dependencies, ...npm.optionalDependencies }

  test('deno.json imports what package.json depends on, in the same ranges', () => {
    expect(deno.imports).toEqual(
      Object.fromEntries(Object.entries(needed).map(([name, range]) => [name, `npm:${name}@${range}`])),
    )
  })

  test('deno.lock and package-lock.json hold the same versions (`deno task lock` brings it up to date)', () => {
    const locked = read<{ specifiers: Record<string, string> }>('deno.lock').specifiers
    const installed = read<{ packages: Record<string, { version: string }> }>('package-lock.json').packages
    const versions = Object.entries(locked).map(([specifier, version]) => [
      specifier.slice('npm:'.length, specifier.lastIndexOf('@')),
      version.split('_')[0],
    ])
    expect(Object.fromEntries(versions)).toEqual(
      Object.fromEntries(Object.keys(needed).map((name) => [name, installed[`node_modules/${name}`]?.version])),
    )
  })
})

describe('permissions', () => {
  const sets = Object.keys(deno.permissions).filter((set) => set !== 'scripts')
  const scripts = ['tour', 'seed', 'report']

  const firstStart = ['ADMIN_USERNAME', 'ADMIN_PASSWORD', 'DEMO_DATA']

  test.each(sets)('%s may read every setting that is for it, and the name of the file it may come from', (set) => {
    const allowed = deno.permissions[set]?.env.allow ?? []
    const covered = (name: string) =>
      allowed.some((entry) => name === entry || (entry.endsWith('*') && name.startsWith(entry.slice(0, -1))))
    const withFile = (names: readonly string[]) => names.flatMap((name) => [name, `${name}_FILE`])
    const others = ['trefoil', 'users'].includes(set) ? [] : firstStart // theirs who make the admin
    const own = Object.keys(settings).filter((name) => !others.includes(name))
    expect(withFile(others).filter(covered)).toEqual([])
    expect(withFile(own).filter((name) => !covered(name))).toEqual([])
  })

  test('every program runs under a set of its own, scripts under theirs, and nothing but the test runner under all permissions', () => {
    const programs = Object.entries(deno.tasks).filter(
      ([name, { command }]) => / deno run /.test(command) && name !== 'test',
    )
    expect(programs.map(([, { command }]) => /-P=(\w+) (\S+)$/.exec(command)?.slice(1))).toEqual([
      ...sets.map((set) => [set, set === 'trefoil' ? 'main.ts' : `services/${set}/main.ts`]),
      ...scripts.map((script) => ['scripts', `clients/scripts/${script}.ts`]),
    ])
    const unlimited = Object.entries(deno.tasks).filter(([, { command }]) => /\s(-A|--allow-)/.test(command))
    expect(unlimited.map(([name]) => name)).toEqual(['test'])
  })

  test('what a task starts is there', () => {
    const programs = Object.values(deno.tasks).flatMap(({ command }) => /\S+\.ts$/.exec(command) ?? [])
    expect(programs.filter((file) => !file.includes('*') && !existsSync(join(root, file)))).toEqual([])
  })
})

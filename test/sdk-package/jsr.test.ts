import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { root } from '../architecture/sources.ts'
import { runDeno, startDeno } from '../deno/deno.ts'
import { unique } from '../system/people.ts'
import { admin, type System, startEmbedded } from '../system.ts'
import { seen } from './visits.ts'

const sdk = join(root, 'clients/sdk')
const manifest = JSON.parse(readFileSync(join(sdk, 'jsr.json'), 'utf8'))

test('deno publish finds nothing wrong, slow types included', async () => {
  const child = startDeno(
    ['publish', '--dry-run', '--allow-dirty'],
    {},
    { cwd: sdk, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const [output, said] = await Promise.all([text(child.stdout!), text(child.stderr!)])
  const all = output + said
  expect(all).toContain('Checking for slow types')
  expect(all).toContain('Success')
  const published = [...all.matchAll(/^ +(file:\S+) \(/gm)].map(([, url]) => url!.replace(`${pathToFileURL(sdk)}/`, ''))
  expect(published).toContain(manifest.exports.replace('./', ''))
  const besides = published.filter((path) => !/^dist\/.*(\.js|\.js\.map|\.d\.ts)$/.test(path))
  expect(besides.toSorted()).toEqual(['LICENSE', 'README.md', 'jsr.json'])
})

describe('what it publishes, imported as a registry serves it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-jsr-'))
  let system: System
  beforeAll(async () => {
    cpSync(join(sdk, 'dist'), join(folder, 'sdk/dist'), { recursive: true })
    for (const file of ['visit.ts', 'wrong.ts', 'launch.mjs'])
      cpSync(join(inject('consumer'), file), join(folder, file))
    const imports = { '@trefoil/sdk': `./${join('sdk', manifest.exports)}`, ...manifest.imports }
    writeFileSync(join(folder, 'deno.json'), JSON.stringify({ imports }))
    system = await startEmbedded()
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await system?.stop()
  })

  test('has its types', async () => {
    const check = (file: string) => runDeno(['check', file], {}, { cwd: folder })
    await check('visit.ts')
    await expect(check('wrong.ts')).rejects.toThrow('"task.ilegal_move"')
  })

  test('runs', async () => {
    const visit = JSON.stringify({ url: system.url, password: admin.password, name: unique('jsr') })
    const args = ['run', '--no-prompt', '--allow-net', '--allow-read=.', 'launch.mjs', './visit.ts', visit]
    const output = await runDeno(args, {}, { cwd: folder })
    expect(JSON.parse(output)).toEqual(seen)
  })
})

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { serviceNames } from '../../services/catalog.ts'
import { root } from '../architecture/sources.ts'
import { runDeno } from './deno.ts'

const services = [...serviceNames, 'consumer']

async function tryUnder(set: string, attempts: string[], env = {}): Promise<Record<string, string>> {
  const output = await runDeno(['run', '--no-prompt', `-P=${set}`, join(root, 'test/deno/probe.ts'), ...attempts], env)
  return JSON.parse(output)
}

beforeAll(() => mkdir(join(root, '.data'), { recursive: true }))

describe.each(['trefoil', ...services])('under the permission set %s', (set) => {
  test('a forbidden read is refused, and so is writing, running and the rest of the environment', async () => {
    const git = join(root, '.git/HEAD')
    const attempts = ['read=/etc/passwd', `read=${root}.env`, `read=${git}`, `write=${root}package.json.new`, 'run=ls']
    expect(await tryUnder(set, [...attempts, 'env=SECRET'], { SECRET: 'x' })).toEqual({
      'read=/etc/passwd': 'refused',
      [`read=${root}.env`]: 'refused',
      [`read=${git}`]: 'refused',
      [`write=${root}package.json.new`]: 'refused',
      'run=ls': 'refused',
      'env=SECRET': 'unset',
    })
  })

  test('the project is read, and the settings', async () => {
    const env = { PORT: '8001', DATABASE_URL_FILE: '/run/secrets/database_url' }
    const attempts = [`read=${root}package.json`, 'env=PORT', 'env=DATABASE_URL_FILE']
    expect(Object.values(await tryUnder(set, attempts, env))).toEqual(['allowed', '8001', '/run/secrets/database_url'])
  })
})

test('everything in one process writes its data directory', async () => {
  expect(await tryUnder('trefoil', [`write=${root}.data/probe`])).toEqual({ [`write=${root}.data/probe`]: 'allowed' })
})

test.each(services)('%s has no use for a data directory', async (service) => {
  const attempts = [`list=${root}.data`, `write=${root}.data/probe`]
  expect(Object.values(await tryUnder(service, attempts))).toEqual(['refused', 'refused'])
})

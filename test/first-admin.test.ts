import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { startProgram } from './system/program.ts'

// What no admin can be made of is said before anything is opened, and not while the process seems to be well.
const folder = mkdtempSync(join(tmpdir(), 'trefoil-admin-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const DATA_DIR = join(folder, 'data')
const nowhere = { KAFKA_BROKERS: '127.0.0.1:9', DATABASE_URL: 'postgres://trefoil@127.0.0.1:9/trefoil' }

describe.each([
  ['main.ts', { DATA_DIR }],
  ['services/users/main.ts', nowhere],
])('%s', (file, place) => {
  test.each([
    [{ ADMIN_USERNAME: 'me' }, 'ADMIN_USERNAME "me": is a reserved word.'],
    [{ ADMIN_PASSWORD: 'admin-admin-1' }, 'ADMIN_PASSWORD: '],
  ])('refuses %o', { timeout: 60_000 }, async (given, sentence) => {
    const program = await startProgram({ ...place, ...given }, file)
    expect(await program.ended).toBe(1)
    expect(program.said()).toContain(sentence)
    expect(program.said()).not.toContain('admin-admin-1')
    expect(existsSync(DATA_DIR)).toBe(false)
    expect(program.said()).not.toContain('Waiting for')
  })
})

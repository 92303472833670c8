import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../../platform/ids.ts'
import type { Sql } from '../../platform/sql/mod.ts'
import { openCredentials } from './credentials.ts'
import { type CredentialsFile, openCredentialsFile } from './credentials-file.ts'
import { person } from './fixture.testing.ts'
import { saveUser, usersDatabase } from './sql.testing.ts'

let sql: Sql
let close: () => Promise<void>
let directory: string
let path: string
const files: CredentialsFile[] = []
beforeAll(async () => {
  ;({ sql, close } = await usersDatabase())
})
afterAll(() => close())
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trefoil-credentials-'))
  path = join(directory, 'credentials')
})
afterEach(async () => {
  for (const file of files.splice(0)) await file.close()
  await sql.script('DELETE FROM credentials; DELETE FROM users')
  await rm(directory, { recursive: true })
})

/** As a process opens them; what another one held before is not closed, as in a crash. */
async function opened() {
  const file = await openCredentialsFile(path)
  files.push(file)
  return openCredentials(sql, file)
}

const lose = () => sql.query('DELETE FROM credentials')
const stored = async () => {
  const rows = await sql.query<{ user_id: string; password_hash: string; unseen: boolean }>('SELECT * FROM credentials')
  return Object.fromEntries(
    rows.map(({ user_id, password_hash, unseen }) => [user_id, unseen ? 'unseen' : password_hash]),
  )
}

describe('credentials', () => {
  test('outlive the loss of the database, each as it was last', async () => {
    const [ada, ben, cem] = [newId(), newId(), newId()]
    const credentials = await opened()
    await credentials.first(ada, 'a1')
    await credentials.first(ada, 'not taken')
    await credentials.replace(ada, 'a1', 'a2')
    await credentials.replace(ada, 'a1', 'not taken')
    await credentials.replace(ben, undefined, 'b1', { unseen: true })
    await credentials.replace(cem, undefined, 'c1', { unseen: true })
    await credentials.seen(cem, 'c1')
    const before = await stored()
    expect(before).toEqual({ [ada]: 'a2', [ben]: 'unseen', [cem]: 'c1' })
    for (let n = 0; n < 2; n++) {
      await lose()
      await opened()
      expect(await stored()).toEqual(before)
    }
  })

  test('that the database still has are left as they are there', async () => {
    const ada = newId()
    await (await opened()).first(ada, 'a1')
    await sql.query(`UPDATE credentials SET password_hash = 'newer'`)
    await opened()
    expect(await stored()).toEqual({ [ada]: 'newer' })
  })

  test('that were swept do not come back', async () => {
    const gone = person('gone')
    await saveUser(sql, gone)
    const credentials = await opened()
    await credentials.first(gone.id, 'g1')
    await saveUser(sql, { ...gone, version: 2, deleted: true })
    await credentials.sweep()
    await opened()
    expect(await stored()).toEqual({})
    expect(await readFile(path, 'utf8')).not.toContain('g1')
  })

  test('of users who were there once are not swept while the users are being made anew', async () => {
    const ada = person('ada')
    await saveUser(sql, ada)
    const credentials = await opened()
    await credentials.first(ada.id, 'a1')
    await credentials.sweep()
    await sql.query(`UPDATE credentials SET changed_at = now() - interval '1 year'`)
    await sql.query('DELETE FROM users')
    await credentials.sweep()
    expect(await stored()).toEqual({ [ada.id]: 'a1' })
  })
})

describe('the file', () => {
  test('is read up to a torn last line', async () => {
    const ada = newId()
    await (await opened()).first(ada, 'a1')
    await appendFile(path, '{"user":"torn')
    await lose()
    await opened()
    expect(await stored()).toEqual({ [ada]: 'a1' })
  })

  test('is not opened where it is damaged', async () => {
    for (const text of ['x\n', '{}\n', '{"user":1,"hash":"a","unseen":false}\n']) {
      await writeFile(path, text)
      await expect(openCredentialsFile(path)).rejects.toThrow('is damaged')
      expect(await readFile(path, 'utf8')).toBe(text)
    }
  })

  test('is for its owner alone', async () => {
    const { stat } = await import('node:fs/promises')
    await (await opened()).first(newId(), 'a1')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })
})

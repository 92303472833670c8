import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { operationSecret } from '../platform/commands/operations/operation-id.ts'
import { newId } from '../platform/ids.ts'
import type { Sql } from '../platform/sql/port.ts'
import { openSecrets, type Secrets } from '../platform/sql/secrets.ts'
import { testDatabase } from './consumer/fixture.testing.ts'
import { secretTables as tables } from './secrets.ts'
import { createCredentials } from './users/credentials.ts'
import { person } from './users/fixture.testing.ts'
import { createKeys } from './users/keys.ts'
import { createSessions } from './users/sessions.ts'
import { createSetups } from './users/setup.ts'
import { saveUser } from './users/sql.testing.ts'
import { startSweep } from './users/sweep.ts'

let directory: string
let path: string
let sql: Sql
let drop: () => Promise<void>
const files: Secrets[] = []
beforeAll(async () => {
  ;({ sql, drop } = await testDatabase())
})
afterAll(() => drop())
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trefoil-secrets-'))
  path = join(directory, 'secrets.jsonl')
})
afterEach(async () => {
  for (const file of files.splice(0)) await file.close()
  await empty()
  await rm(directory, { recursive: true })
})

/** What a process has of them; what another one held before is not closed, as in a crash. */
async function opened() {
  const secrets = await openSecrets(sql, { path, tables })
  files.push(secrets)
  const [credentials, keys] = [createCredentials(sql, secrets), createKeys(sql, { secrets })]
  return {
    ...{ secrets, credentials, keys },
    sessions: createSessions(sql, { secrets }),
    setups: createSetups(sql, { secrets }),
    operationSecret: () => operationSecret(sql, secrets),
    async sweep() {
      const sweep = startSweep({ sql, credentials, keys, secrets, log: { warn: () => expect.fail('it failed') } })
      await sweep.run()
      await sweep.close()
    },
  }
}

async function empty(): Promise<void> {
  for (const { table, only = 'true' } of tables.toReversed()) await sql.query(`DELETE FROM ${table} WHERE ${only}`)
  await sql.query('DELETE FROM users')
}

/** As after a power cut: the database is empty, the file is what it was. */
async function lost() {
  await empty()
  return opened()
}

const rows = (table: string) => sql.query(`SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY 1`)
const everything = async () => {
  const only = Object.fromEntries(tables.map(({ table }) => [table, table]))
  only.system = `(SELECT * FROM system WHERE name = 'operation_secret')`
  return Promise.all(Object.values(only).map(rows))
}
const passwords = () => rows('(SELECT password_hash FROM credentials)')

describe('secrets outlive the loss of the database', () => {
  test('all of them, each as it was last', async () => {
    const [ada, ben, cem] = [newId(), newId(), newId()]
    const { credentials, keys, sessions, setups, operationSecret } = await opened()
    await credentials.first(ada, 'a1')
    await credentials.first(ada, 'not taken')
    await credentials.replace(ada, 'a1', 'a2')
    await credentials.replace(ada, 'a1', 'not taken')
    await credentials.replace(ben, undefined, 'b1', { unseen: true })
    await credentials.replace(cem, undefined, 'c1', { unseen: true })
    await credentials.seen(cem, 'c1')
    await keys.current()
    await createKeys(sql, { lifeMs: 0, secrets: files[0]! }).rotate()
    await setups.issue(ada, new Date(), 'a2')
    await operationSecret()
    const { refreshToken } = (await sessions.begin(ada, 'a2'))!
    await sessions.renew(refreshToken)
    const before = await everything()
    for (const table of before) expect(table).not.toEqual([])
    for (let n = 0; n < 2; n++) {
      await lost()
      expect(await everything()).toEqual(before)
    }
  })

  test('a session goes on with the token that was answered last; a used one still ends it', async () => {
    const ada = newId()
    const { credentials, sessions } = await opened()
    await credentials.first(ada, 'a1')
    const first = (await sessions.begin(ada, 'a1'))!.refreshToken
    const second = (await sessions.renew(first))!.refreshToken
    let after = await lost()
    const third = (await after.sessions.renew(second))!.refreshToken
    expect(await after.sessions.renew(first)).toBeUndefined()
    after = await lost()
    expect(await after.sessions.renew(third)).toBeUndefined()
  })

  test('a session that has ended stays so: by its end, or by a change of the password', async () => {
    const ada = newId()
    const { credentials, sessions } = await opened()
    await credentials.first(ada, 'a1')
    const [left, other, staying] = [
      (await sessions.begin(ada, 'a1'))!,
      (await sessions.begin(ada, 'a1'))!,
      (await sessions.begin(ada, 'a1'))!,
    ]
    await sessions.end(left.session)
    await credentials.replace(ada, 'a1', 'a2', { staying: staying.session })
    const after = await lost()
    const revoked = await sql.query<{ id: string }>('SELECT id FROM sessions WHERE revoked_at IS NOT NULL')
    expect(revoked.map(({ id }) => id).sort()).toEqual([left.session, other.session].sort())
    expect(await after.sessions.renew(left.refreshToken)).toBeUndefined()
    expect(await after.sessions.renew(other.refreshToken)).toBeUndefined()
    expect(await after.sessions.renew(staying.refreshToken)).toBeDefined()
  })
})

describe('the copy', () => {
  test('gives way to what the database still has', async () => {
    await (await opened()).credentials.first(newId(), 'a1')
    await sql.query(`UPDATE credentials SET password_hash = 'newer'`)
    await opened()
    expect(await passwords()).toEqual([{ row: { password_hash: 'newer' } }])
    await lost()
    expect(await passwords()).toEqual([{ row: { password_hash: 'newer' } }])
  })

  test('forgets what is swept', async () => {
    const gone = person('gone')
    await saveUser(sql, gone)
    const { credentials, sessions, sweep } = await opened()
    await credentials.first(gone.id, 'g1')
    await sessions.begin(gone.id, 'g1')
    await saveUser(sql, { ...gone, version: 2, deleted: true })
    await sql.query(`UPDATE users SET access_changed_at = now() - interval '2 days'`)
    await sweep()
    expect(await readFile(path, 'utf8')).not.toContain(gone.id)
    await lost()
    expect(await passwords()).toEqual([])
  })

  test('may hold tokens of a session that is not there any more', async () => {
    const ada = newId()
    const { credentials, sessions } = await opened()
    await credentials.first(ada, 'a1')
    const { session } = (await sessions.begin(ada, 'a1'))!
    const text = await readFile(path, 'utf8')
    const without = text.split('\n').filter((line) => !line.includes('"sessions"') || !line.includes(session))
    await writeFile(path, without.join('\n'))
    await lost()
    expect(await rows('refresh_tokens')).toEqual([])
  })

  test('is left alone where it is damaged', async () => {
    for (const text of ['x\n', '{}\n', '{"table":"users","row":{"id":"1"}}\n', '{"table":"credentials","row":{}}\n']) {
      await writeFile(path, text)
      await expect(openSecrets(sql, { path, tables })).rejects.toThrow('is damaged')
      expect(await readFile(path, 'utf8')).toBe(text)
    }
  })
})

test('passwords of users who were there once are not swept while the users are being made anew', async () => {
  const ada = person('ada')
  await saveUser(sql, ada)
  const { credentials } = await opened()
  await credentials.first(ada.id, 'a1')
  await credentials.sweep()
  await sql.query(`UPDATE credentials SET changed_at = now() - interval '1 year'`)
  await sql.query('DELETE FROM users')
  await credentials.sweep()
  expect(await passwords()).toHaveLength(1)
})

test('no table that the users service fills by itself is forgotten', async () => {
  const migration = new URL('./users/migrations/002_credentials.sql', import.meta.url)
  const made = [...(await readFile(migration, 'utf8')).matchAll(/CREATE TABLE (\w+)/g)].map(([, table]) => table!)
  expect(made.length).toBeGreaterThan(3)
  expect(tables.map(({ table }) => table)).toEqual(expect.arrayContaining(made))
})

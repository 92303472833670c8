import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Draft } from '../../platform/commands/command.ts'
import { commandOf, worldOf } from '../../platform/commands/world.testing.ts'
import { newId } from '../../platform/ids.ts'
import { unkept } from '../../platform/sql/secrets.ts'
import { type AdminParts, ensureAdmin, resetAdmin } from './admin.ts'
import { another, type Fixture, home, names, openFixture, password, person } from './fixture.testing.ts'
import { createKeys } from './keys.ts'
import { createPasswords } from './passwords.ts'
import { rules } from './rules.ts'
import type { StoredUser } from './schema.ts'
import { startSweep } from './sweep.ts'
import { createTokens } from './tokens.ts'

let fixture: Fixture
beforeAll(async () => {
  fixture = await openFixture()
})
afterAll(() => fixture.close())
afterEach(() => fixture.empty())

describe('signing keys', () => {
  const states = async () =>
    (await fixture.sql.query<{ state: string }>('SELECT state FROM signing_keys ORDER BY state')).map(
      ({ state }) => state,
    )

  test('are made once, however many start at once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => createKeys(fixture.sql).current()))
    expect(new Set(all.map(({ kid }) => kid)).size).toBe(1)
    expect(await states()).toEqual(['current', 'next'])
  })

  test('move on: the next signs, the retired still verifies, and then goes', async () => {
    const aging = createKeys(fixture.sql, { lifeMs: 0 })
    const accounts = createTokens(aging, names)
    const actor = { id: newId(), session: newId(), role: 'member' } as const
    const [before, token] = [await aging.current(), await accounts.sign(actor)]
    const [next] = await fixture.sql.query<{ kid: string }>(`SELECT kid FROM signing_keys WHERE state = 'next'`)
    await aging.rotate()
    expect((await aging.current()).kid).toBe(next?.kid)
    expect(await states()).toEqual(['current', 'next', 'retired'])
    expect(await fixture.verifier.verify(token)).toEqual(actor)
    const [retired] = await fixture.sql.query(`SELECT kid, private_key FROM signing_keys WHERE state = 'retired'`)
    expect(retired).toEqual({ kid: before.kid, private_key: null })
    await createKeys(fixture.sql, { retirementMs: 0 }).rotate()
    expect(await states()).toEqual(['current', 'next'])
  })

  test('stay as they are before their time', async () => {
    const steady = createKeys(fixture.sql)
    const { kid } = await steady.current()
    await steady.rotate()
    expect((await createKeys(fixture.sql).current()).kid).toBe(kid)
  })
})

describe('the sweep', () => {
  const ids = async (table: string, column: string) =>
    (await fixture.sql.query<Record<string, string>>(`SELECT ${column} FROM ${table}`)).map((row) => row[column])

  test('takes away what nobody can use any more, and nothing else', async () => {
    const accounts = fixture.accountsWith()
    const ivan = await fixture.registered('ivan', accounts)
    const gone = await fixture.registered('gone', accounts)
    await accounts.login('gone', password, home)
    await fixture.save({ ...gone, version: 2, deleted: true })
    const [young, old] = [newId(), newId()]
    for (const id of [young, old]) await accounts.prepare(id, { username: 'x', email: 'x@example.com', password }, home)
    await fixture.sql.query(`UPDATE credentials SET changed_at = now() - interval '2 days' WHERE user_id = ANY($1)`, [
      [old, ivan.id],
    ])
    for (let n = 0; n < 3; n++) await accounts.login('ivan', password, home)
    const sessions = await fixture.sql.query<{ id: string }>('SELECT id FROM sessions WHERE user_id = $1', [ivan.id])
    const [kept, expired, revoked] = sessions.map(({ id }) => id)
    await fixture.sql.query(`UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = $1`, [expired])
    await fixture.sql.query(`UPDATE sessions SET revoked_at = now() - interval '2 days' WHERE id = $1`, [revoked])

    const sweep = startSweep({
      ...fixture,
      keys: createKeys(fixture.sql),
      secrets: unkept,
      log: { warn: () => expect.fail('it failed') },
    })
    await sweep.run()
    await sweep.close()
    expect((await ids('credentials', 'user_id')).sort()).toEqual([ivan.id, young].sort())
    const [gones] = await fixture.sql.query<{ id: string }>('SELECT id FROM sessions WHERE user_id = $1', [gone.id])
    expect((await ids('sessions', 'id')).sort()).toEqual([kept, gones?.id].sort())
    expect(await ids('refresh_tokens', 'session_id')).toHaveLength(2)
  })
})

describe('the first admin', () => {
  const cheap = createPasswords({ cost: 4 })
  /** As the consumer does it. */
  async function send({ type, entity, payload }: Draft): Promise<void> {
    const decision = rules.decide(commandOf(type, entity, payload), worldOf())
    if ('rejection' in decision) throw new Error(decision.rejection.code)
    for (const { data } of decision.events) await fixture.save(data as StoredUser)
  }
  const ensure = (given: AdminParts['given'] = {}) => ensureAdmin({ ...fixture, passwords: cheap, send, given })
  const login = async (word: string | undefined, name = 'admin') =>
    fixture.verifier.verify((await fixture.accountsWith().login(name, word ?? '', home)).access_token)

  test('is made with a password that is to be printed', async () => {
    const admin = await ensure()
    expect(admin).toMatchObject({
      username: 'admin',
      password: expect.stringMatching(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/),
    })
    expect(await login(admin?.password)).toMatchObject({ role: 'admin' })
  })

  test('gets another password until one was printed', async () => {
    const first = await ensure()
    const second = await ensure()
    await expect(login(first?.password)).rejects.toMatchObject({ code: 'credentials.wrong' })
    await second?.printed()
    expect(await ensure()).toBeUndefined()
    await login(second?.password)
  })

  test('has the name and the password that were given, and nothing is printed', async () => {
    const given = { username: 'root', password }
    expect(await ensure(given)).toMatchObject({ username: 'root', password: undefined })
    await login(password, 'root')
    expect(await ensure({ ...given, password: another })).toBeUndefined()
    await login(password, 'root')
  })

  test.each([
    [{ username: 'me' }, 'ADMIN_USERNAME "me": is a reserved word.'],
    [{ password: 'short' }, 'ADMIN_PASSWORD: A password has 12 to 128 characters.'],
  ])('is not made of %o', async (given, sentence) => {
    await expect(ensure(given)).rejects.toThrow(sentence)
    expect(await fixture.sql.query('SELECT 1 FROM users')).toEqual([])
  })

  test('is made once by two that start at once', async () => {
    const both = await Promise.all([ensure(), ensure()])
    const printed = both.filter((admin) => admin !== undefined)
    const words = await Promise.allSettled(printed.map((admin) => login(admin.password)))
    expect(words.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await fixture.sql.query('SELECT 1 FROM users')).toHaveLength(1)
  })

  test('gets a password where no admin has one, as after the loss of the database', async () => {
    await (await ensure())?.printed()
    await fixture.sql.query('DELETE FROM credentials')
    await login((await ensure())?.password)
  })

  test('gets none while another admin can log in', async () => {
    await fixture.save({ ...(await fixture.registered('ada')), version: 2, role: 'admin' })
    await fixture.save(person('ben', { role: 'admin' }))
    expect(await ensure()).toBeUndefined()
  })

  test('who lost the password gets a new one, and the sessions end', async () => {
    await ensure({ password })
    const { refresh_token } = await fixture.accountsWith().login('admin', password, home)
    const reset = await resetAdmin(fixture.sql)
    expect(reset.username).toBe('admin')
    await login(reset.password)
    await expect(login(password)).rejects.toMatchObject({ code: 'credentials.wrong' })
    await expect(fixture.accountsWith().refresh(refresh_token, home)).rejects.toMatchObject({ code: 'session.invalid' })
    expect(await ensure()).toBeUndefined()
    expect(await resetAdmin(fixture.sql, { name: 'ADMIN' })).toMatchObject({ username: 'admin' })
    await expect(resetAdmin(fixture.sql, { name: 'ivan' })).rejects.toThrow('ivan is no admin.')
  })
})

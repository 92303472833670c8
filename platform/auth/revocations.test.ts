import { describe, expect, test } from 'vitest'
import { newId } from '../ids.ts'
import { code, key, opened, openVerified, sign, sql } from './verifier.testing.ts'

openVerified()

describe('a revocation', () => {
  const user = (role: string, more: object = {}) => ({ role, usernameKey: newId(), emailKey: newId(), ...more })

  test('of the session is learnt', async () => {
    const sid = newId()
    const token = await sign(key, { claims: { sid } })
    await sql.query('INSERT INTO sessions (id, user_id, expires_at) VALUES ($1, $2, now())', [sid, newId()])
    expect(await code(token)).toBe('accepted')
    await sql.query('UPDATE sessions SET revoked_at = clock_timestamp() WHERE id = $1', [sid])
    await expect.poll(() => code(token)).toBe('auth.revoked')
    expect(await code(sign(key))).toBe('accepted')
  })

  test('that is older than the verifier is known from its first answer on', async () => {
    const sid = newId()
    await sql.query(
      `INSERT INTO sessions (id, user_id, expires_at, revoked_at) VALUES ($1, $2, now(), now() - interval '10 minutes')`,
      [sid, newId()],
    )
    const token = await sign(key, { claims: { sid } })
    const fresh = opened()
    expect(await code(token, fresh)).toBe('auth.revoked')
    await fresh.close()
  })

  test('comes with a change of the role, for tokens of the old one', async () => {
    const sub = newId()
    await sql.query('INSERT INTO users (id, version, data) VALUES ($1, 1, $2)', [sub, user('admin')])
    const before = await sign(key, { claims: { sub, role: 'admin' } })
    const after = await sign(key, { claims: { sub, role: 'member' } })
    expect(await code(before)).toBe('accepted')
    await sql.query('UPDATE users SET data = $2 WHERE id = $1', [sub, user('member')])
    await expect.poll(() => code(before)).toBe('auth.revoked')
    expect(await code(after)).toBe('accepted')
  })

  test('comes with the removal of the user', async () => {
    const sub = newId()
    await sql.query('INSERT INTO users (id, version, data) VALUES ($1, 1, $2)', [sub, user('member')])
    const token = await sign(key, { claims: { sub } })
    expect(await code(token)).toBe('accepted')
    await sql.query('UPDATE users SET data = $2 WHERE id = $1', [sub, user('member', { deleted: true })])
    await expect.poll(() => code(token)).toBe('auth.revoked')
  })

  test('comes with a database that is made anew, where it has changed or removed users', async () => {
    const [demoted, removed, renamed] = [newId(), newId(), newId()]
    const tokens = await Promise.all(
      [demoted, removed, renamed].map((sub) => sign(key, { claims: { sub, role: 'admin' } })),
    )
    expect(await Promise.all(tokens.map((token) => code(token)))).toEqual(['accepted', 'accepted', 'accepted'])
    await sql.query(`INSERT INTO users (id, version, data) VALUES ($1, 2, $4), ($2, 2, $5), ($3, 2, $6)`, [
      demoted,
      removed,
      renamed,
      user('member'),
      user('admin', { deleted: true }),
      user('admin'),
    ])
    const after = ['auth.revoked', 'auth.revoked', 'accepted']
    await expect.poll(() => Promise.all(tokens.map((token) => code(token)))).toEqual(after)
  })

  test('does not come with any other change', async () => {
    const sub = newId()
    await sql.query('INSERT INTO users (id, version, data) VALUES ($1, 1, $2)', [sub, user('member')])
    await sql.query('UPDATE users SET data = $2 WHERE id = $1', [sub, user('member', { fullName: 'Ivan' })])
    const [row] = await sql.query('SELECT access_changed_at FROM users WHERE id = $1', [sub])
    expect(row).toEqual({ access_changed_at: null })
  })
})

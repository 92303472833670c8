import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { type CryptoKey, createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../ids.ts'
import { loadMigrations, migrate } from '../sql/migrations.ts'
import { openSql } from '../sql/mod.ts'
import { type Sql, SqlError } from '../sql/port.ts'
import { openVerifier, type Verifier } from './verifier.ts'

const issuer = 'https://trefoil.test'
const audience = 'trefoil'
const now = Date.parse('2026-06-01T12:00:00Z')
const seconds = now / 1000

let directory: string
let sql: Sql
let clock = now
let verifier: Verifier
let key: Key

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trefoil-auth-'))
  sql = await openSql({ directory: join(directory, 'sql') })
  await migrate(sql, await loadMigrations(new URL('../../services/users/migrations/', import.meta.url), 'users'))
})
afterAll(async () => {
  await sql.close()
  await rm(directory, { recursive: true })
})

beforeEach(async () => {
  clock = now
  key = await publishKey()
  verifier = opened()
  expect(await code(sign(key))).toBe('accepted')
})
afterEach(async () => {
  await verifier.close()
  await sql.query('DELETE FROM signing_keys')
})

const opened = (over: Sql = sql) => openVerifier({ sql: over, issuer, audience, now: () => clock, pollMs: 20 })

async function publishKey(state = 'retired'): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair('Ed25519', { extractable: true })
  const kid = randomUUID()
  const jwk = await exportJWK(publicKey)
  await sql.query('INSERT INTO signing_keys (kid, state, public_key) VALUES ($1, $2, $3)', [kid, state, jwk])
  return { kid, privateKey, x: jwk.x! }
}
type Key = { kid: string; privateKey: CryptoKey; x: string }

type Said = { header?: Record<string, unknown>; claims?: Record<string, unknown>; signWith?: CryptoKey | Uint8Array }

/** A token that is good but for what the test says. */
function sign(
  { kid, privateKey }: Pick<Key, 'kid' | 'privateKey'>,
  { header, claims, signWith }: Said = {},
): Promise<string> {
  const good = { sub: newId(), sid: newId(), jti: newId(), role: 'member', iss: issuer, aud: audience }
  return new SignJWT({ ...good, iat: seconds, exp: seconds + 600, ...claims })
    .setProtectedHeader({ alg: 'Ed25519', typ: 'at+jwt', kid, ...header })
    .sign(signWith ?? privateKey)
}

const bytesOf = (segment: string) => Buffer.from(segment, 'base64url')

const code = (bearer: string | Promise<string>, by: Verifier = verifier) =>
  Promise.resolve(bearer)
    .then((token) => by.verify(token))
    .then(
      () => 'accepted',
      (error) => error.code,
    )

describe('a token that is good', () => {
  test('says who asks', async () => {
    const claims = { sub: newId(), sid: newId(), role: 'admin' }
    const token = await sign(key, { claims })
    const actor = { id: claims.sub, session: claims.sid, role: 'admin' }
    expect(await verifier.verify(token)).toEqual(actor)
    expect(await verifier.verify(token)).toEqual(actor) // from memory
  })

  test('is accepted under a key that was made while the verifier ran', async () => {
    expect(await code(sign(await publishKey()))).toBe('accepted')
  })

  test('waits for its key while strangers ask for others all the time', async () => {
    for (let n = 0; n < 50; n++) await code(sign(key, { header: { kid: randomUUID() } }))
    const token = await sign(await publishKey())
    expect(await code(token)).toBe('auth.invalid')
    await expect.poll(() => code(token), { timeout: 5000 }).toBe('accepted')
  })

  test('is accepted by whoever has the published key set', async () => {
    const token = await sign(key)
    await verifier.verify(token)
    const jwks = verifier.jwks()
    expect(jwks.keys).toEqual([{ kty: 'OKP', crv: 'Ed25519', x: key.x, kid: key.kid, alg: 'Ed25519', use: 'sig' }])
    await jwtVerify(token, createLocalJWKSet(jwks), { currentDate: new Date(now) })
  })
})

describe('a token is refused', () => {
  test.each<[string, Said]>([
    ['of another issuer', { claims: { iss: 'https://elsewhere' } }],
    ['for another audience', { claims: { aud: 'another' } }],
    ['for no audience', { claims: { aud: undefined } }],
    ['of another type', { header: { typ: 'JWT' } }],
    ['of no type', { header: { typ: undefined } }],
    ['without an expiry', { claims: { exp: undefined } }],
    ['without a time of issue', { claims: { iat: undefined } }],
    ['without a subject', { claims: { sub: undefined } }],
    ['with a subject that is no id', { claims: { sub: 'ivan' } }],
    ['without a session', { claims: { sid: undefined } }],
    ['with a session that is no id', { claims: { sid: 7 } }],
    ['without a token id', { claims: { jti: undefined } }],
    ['without a role', { claims: { role: undefined } }],
    ['with a role that there is not', { claims: { role: 'system' } }],
    ['that is not to be used yet', { claims: { nbf: seconds + 60 } }],
    ['with a key id that there is not', { header: { kid: 'another' } }],
    ['without a key id', { header: { kid: undefined } }],
  ])('%s', async (_, said) => {
    expect(await code(sign(key, said))).toBe('auth.invalid')
  })

  test('that another key signed under the key id of ours', async () => {
    const { privateKey } = await generateKeyPair('Ed25519')
    expect(await code(sign(key, { signWith: privateKey }))).toBe('auth.invalid')
  })

  test('that is signed with HMAC and the public key as its secret', async () => {
    for (const signWith of [Buffer.from(key.x, 'base64url'), Buffer.from(key.x)]) {
      for (const kid of [key.kid, undefined]) {
        expect(await code(sign(key, { header: { alg: 'HS256', kid }, signWith }))).toBe('auth.invalid')
      }
    }
  })

  test('that brings its own key along', async () => {
    const own = await generateKeyPair('Ed25519', { extractable: true })
    const jwk = await exportJWK(own.publicKey)
    for (const header of [{ jwk }, { jwk, kid: undefined }, { jku: 'https://elsewhere/jwks.json' }]) {
      expect(await code(sign(key, { header, signWith: own.privateKey }))).toBe('auth.invalid')
    }
  })

  test('that is not signed', async () => {
    const [, payload] = (await sign(key)).split('.')
    for (const alg of ['none', 'None', 'NONE', '']) {
      const header = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt' })).toString('base64url')
      for (const signature of ['', 'AAAA']) expect(await code(`${header}.${payload}.${signature}`)).toBe('auth.invalid')
    }
  })

  test('that is no token', async () => {
    for (const text of ['', '.', '..', 'ivan', `${'a'.repeat(5000)}.b.c`]) expect(await code(text)).toBe('auth.invalid')
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        expect(await code(text)).toBe('auth.invalid')
      }),
    )
  })

  test('with any character of it changed', async () => {
    const token = await sign(key)
    await verifier.verify(token)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...alphabet), async (at, character) => {
        fc.pre(character !== token[at])
        expect(await code(token.slice(0, at) + character + token.slice(at + 1))).toBe('auth.invalid')
      }),
      { numRuns: 300 },
    )
  })

  test('with another last character of a segment that stands for the same bytes', async () => {
    const segments = (await sign(key)).split('.')
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    const same = segments.flatMap((segment, nth) =>
      alphabet
        .map((last) => segment.slice(0, -1) + last)
        .filter((text) => text !== segment && bytesOf(text).equals(bytesOf(segment)))
        .map((text) => segments.with(nth, text).join('.')),
    )
    expect(same.length).toBeGreaterThanOrEqual(3) // of the signature alone
    for (const token of same) expect(await code(token), token).toBe('auth.invalid')
  })

  test('with white space, padding or the other alphabet in it', async () => {
    const token = await sign(key)
    for (const mark of [' ', '\t', '\n', '=']) {
      for (const at of [0, 5, token.length - 40, token.length - 1, token.length]) {
        expect(await code(token.slice(0, at) + mark + token.slice(at)), `${mark} at ${at}`).toBe('auth.invalid')
      }
    }
    const standard = async (): Promise<string> => {
      const [good, other] = await sign(key).then((text) => [text, text.replaceAll('-', '+').replaceAll('_', '/')])
      return good === other ? standard() : other!
    }
    expect(await code(standard())).toBe('auth.invalid')
  })
})

describe('an expired token', () => {
  test('is refused, whether it was seen before or not, five seconds late at most', async () => {
    const seen = await sign(key)
    expect(await code(seen)).toBe('accepted')
    clock = now + 604_000
    expect(await code(seen)).toBe('accepted')
    expect(await code(sign(key))).toBe('accepted')
    clock = now + 605_000
    expect(await code(seen)).toBe('auth.expired')
    expect(await code(sign(key))).toBe('auth.expired')
  })

  test('that is forged is invalid, and not merely old', async () => {
    const { privateKey } = await generateKeyPair('Ed25519')
    const token = sign(key, { claims: { exp: seconds - 60 }, signWith: privateKey })
    expect(await code(token)).toBe('auth.invalid')
  })
})

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

describe('while Postgres is away', () => {
  const away: Sql = {
    ...failing(),
    transaction: failing().query,
    script: failing().query,
    close: async () => undefined,
  }

  test('a verifier that never read is not ready, and says so', async () => {
    const blind = opened(away)
    expect(blind.ready()).toBe(false)
    expect(await code(sign(key), blind)).toBe('store.unavailable')
    await blind.close()
  })

  test('one that did goes on', async () => {
    let there = true
    const flickering: Sql = { ...away, query: (...statement) => (there ? sql : away).query(...statement) }
    const steady = opened(flickering)
    await expect.poll(() => steady.ready()).toBe(true)
    there = false
    expect(await code(sign(key), steady)).toBe('accepted')
    await steady.close()
  })
})

function failing() {
  return {
    query: async () => {
      throw new SqlError('gone', '08006')
    },
  }
}

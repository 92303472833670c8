import { randomUUID } from 'node:crypto'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { newId } from '../ids.ts'
import { loadMigrations, migrate } from '../sql/migrations.ts'
import { openSql } from '../sql/mod.ts'
import type { Sql } from '../sql/port.ts'
import { scratchDirectory } from '../sql/scratch.testing.ts'
import { openVerifier, type Verifier } from './verifier.ts'

const issuer = 'https://trefoil.test'
const audience = 'trefoil'
export const now = Date.parse('2026-06-01T12:00:00Z')
export const seconds = now / 1000

export let sql: Sql
/** Its clock stands at `now` until it is set. */
export let verifier: Verifier
/** The one that is published, and that the verifier knows. */
export let key: Key
let clock = now

/** Opens a database of users for the tests of a file, with a key and a verifier made anew for each. */
export function openVerified(): void {
  let place: Awaited<ReturnType<typeof scratchDirectory>>
  beforeAll(async () => {
    place = await scratchDirectory()
    sql = await openSql({ directory: place.directory })
    await migrate(sql, await loadMigrations(new URL('../../services/users/migrations/', import.meta.url), 'users'))
  })
  afterAll(async () => {
    await sql?.close()
    await place?.remove()
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
}

export function setClock(ms: number): void {
  clock = ms
}

export const opened = (over: Sql = sql) => openVerifier({ sql: over, issuer, audience, now: () => clock, pollMs: 20 })

export async function publishKey(state = 'retired'): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair('Ed25519', { extractable: true })
  const kid = randomUUID()
  const jwk = await exportJWK(publicKey)
  await sql.query('INSERT INTO signing_keys (kid, state, public_key) VALUES ($1, $2, $3)', [kid, state, jwk])
  return { kid, privateKey, x: jwk.x! }
}
export type Key = { kid: string; privateKey: CryptoKey; x: string }

export type Said = {
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  signWith?: CryptoKey | Uint8Array
}

/** A token that is good but for what the test says. */
export function sign(
  { kid, privateKey }: Pick<Key, 'kid' | 'privateKey'>,
  { header, claims, signWith }: Said = {},
): Promise<string> {
  const good = { sub: newId(), sid: newId(), jti: newId(), role: 'member', iss: issuer, aud: audience }
  return new SignJWT({ ...good, iat: seconds, exp: seconds + 600, ...claims })
    .setProtectedHeader({ alg: 'Ed25519', typ: 'at+jwt', kid, ...header })
    .sign(signWith ?? privateKey)
}

/** `accepted`, or the code of the refusal. */
export const code = (bearer: string | Promise<string>, by: Verifier = verifier) =>
  Promise.resolve(bearer)
    .then((token) => by.verify(token))
    .then(
      () => 'accepted',
      (error) => error.code,
    )

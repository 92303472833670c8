import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, generateKeyPair, jwtVerify } from 'jose'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { newId } from '../ids.ts'
import { type Sql, SqlError } from '../sql/port.ts'
import {
  code,
  key,
  now,
  opened,
  openVerified,
  publishKey,
  seconds,
  setClock,
  sign,
  sql,
  verifier,
} from './verifier.testing.ts'

openVerified()
afterEach(() => void vi.useRealTimers())

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
    vi.useFakeTimers({ toFake: ['performance'] }) // what strangers may is counted by it
    const asked = opened()
    for (let n = 0; n < 50; n++) await code(sign(key, { header: { kid: randomUUID() } }), asked)
    const token = await sign(await publishKey())
    expect(await code(token, asked)).toBe('auth.invalid')
    vi.advanceTimersByTime(1000)
    expect(await code(token, asked)).toBe('accepted')
    await asked.close()
  })

  test('is accepted by whoever has the published key set', async () => {
    const token = await sign(key)
    await verifier.verify(token)
    const jwks = verifier.jwks()
    expect(jwks.keys).toEqual([{ kty: 'OKP', crv: 'Ed25519', x: key.x, kid: key.kid, alg: 'Ed25519', use: 'sig' }])
    await jwtVerify(token, createLocalJWKSet(jwks), { currentDate: new Date(now) })
  })
})

describe('an expired token', () => {
  test('is refused, whether it was seen before or not, five seconds late at most', async () => {
    const seen = await sign(key)
    expect(await code(seen)).toBe('accepted')
    setClock(now + 604_000)
    expect(await code(seen)).toBe('accepted')
    expect(await code(sign(key))).toBe('accepted')
    setClock(now + 605_000)
    expect(await code(seen)).toBe('auth.expired')
    expect(await code(sign(key))).toBe('auth.expired')
  })

  test('that is forged is invalid, and not merely old', async () => {
    const { privateKey } = await generateKeyPair('Ed25519')
    const token = sign(key, { claims: { exp: seconds - 60 }, signWith: privateKey })
    expect(await code(token)).toBe('auth.invalid')
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

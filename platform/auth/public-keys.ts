import { type CryptoKey, importJWK, type JSONWebKeySet, type JWK } from 'jose'
import type { Queryable } from '../sql/port.ts'

/** The public keys of tokens, as Postgres has them, imported once each. */
export interface PublicKeys {
  read(): Promise<void>
  /** A key by its id. An unknown one has the keys read again, as long as strangers do not make that too frequent. */
  find(kid: string): Promise<CryptoKey | undefined>
  jwks(): JSONWebKeySet
}

export function createPublicKeys(sql: Queryable): PublicKeys {
  let keys = new Map<string, { key: CryptoKey; jwk: JWK }>()
  let reading: Promise<void> | undefined

  async function load(): Promise<void> {
    const rows = await sql.query<{ kid: string; public_key: JWK }>(
      'SELECT kid, public_key FROM signing_keys ORDER BY since, kid',
    )
    const next = new Map<string, { key: CryptoKey; jwk: JWK }>()
    for (const { kid, public_key } of rows) next.set(kid, keys.get(kid) ?? (await open(kid, public_key)))
    keys = next
  }

  const mayRead = createBudget()

  function read(): Promise<void> {
    reading ??= load().finally(() => {
      reading = undefined
    })
    return reading
  }

  return {
    read,
    async find(kid) {
      // A reading that is under way may have begun before the key was there: the last word has one that begins from here on.
      for (let tries = reading ? 2 : 1; tries > 0 && !keys.has(kid); tries--) {
        if (reading || mayRead()) await read()
      }
      return keys.get(kid)?.key
    },
    jwks: () => ({ keys: [...keys.values()].map(({ jwk }) => jwk) }),
  }
}

/** Ten at once, then one a second. */
function createBudget(): () => boolean {
  let left = 10
  let at = performance.now()
  return () => {
    const now = performance.now()
    left = Math.min(10, left + (now - at) / 1000)
    at = now
    if (left < 1) return false
    left--
    return true
  }
}

async function open(kid: string, { kty, crv, x }: JWK): Promise<{ key: CryptoKey; jwk: JWK }> {
  const jwk: JWK = { ...(kty && { kty }), ...(crv && { crv }), ...(x && { x }), kid, alg: 'Ed25519', use: 'sig' }
  return { key: (await importJWK(jwk, 'Ed25519')) as CryptoKey, jwk }
}

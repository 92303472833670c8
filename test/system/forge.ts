import { randomUUID } from 'node:crypto'
import { generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import type { Sql } from '../../platform/sql/port.ts'
import type { Person } from './people.ts'

/** What differs from a token as it should be. */
export interface Forgery {
  claims?: JWTPayload
  typ?: string
  kid?: string
  /** A key that is not ours. */
  otherKey?: true
}

/** Makes access tokens for somebody, with the system's own key: what no client can do. */
export interface Forge {
  sign(person: Person, forgery?: Forgery): Promise<string>
  unsigned(person: Person): string
}

export async function openForge(sql: Sql): Promise<Forge> {
  const [row] = await sql.query<{ kid: string; private_key: JWK }>(
    `SELECT kid, private_key FROM signing_keys WHERE state = 'current'`,
  )
  if (!row) throw new Error('there is no signing key')
  const own = await importJWK(row.private_key, 'Ed25519')
  const other = (await generateKeyPair('Ed25519')).privateKey

  return {
    sign: (person, { claims, typ = 'at+jwt', kid = row.kid, otherKey } = {}) =>
      new SignJWT({ ...claimsOf(person), ...claims })
        .setProtectedHeader({ alg: 'Ed25519', typ, kid })
        .sign(otherKey ? other : own),
    unsigned: (person) => new UnsecuredJWT(claimsOf(person)).encode(),
  }
}

function claimsOf({ id }: Person): JWTPayload {
  const now = Math.floor(Date.now() / 1000)
  return {
    ...{ iss: 'trefoil', aud: 'trefoil', sub: id, role: 'member', sid: randomUUID(), jti: randomUUID() },
    ...{ iat: now, exp: now + 600 },
  }
}

import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Actor } from '../../platform/auth/actor.ts'
import type { Keys } from './keys.ts'

/** Who gives tokens, and whom for: what the verifier demands of them. */
export interface TokenNames {
  issuer: string
  audience: string
}

export const ACCESS_TOKEN_SECONDS = 600

/** Signs access tokens (RFC 9068) for `platform/auth/verifier.ts`. */
export function createTokens(keys: Keys, { issuer, audience }: TokenNames, now: () => number = Date.now) {
  return {
    async sign({ id, role, session }: Actor): Promise<string> {
      const { kid, key } = await keys.current()
      const issuedAt = Math.floor(now() / 1000)
      return new SignJWT({ role, sid: session })
        .setProtectedHeader({ alg: 'Ed25519', typ: 'at+jwt', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(id)
        .setJti(randomUUID())
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
        .sign(key)
    },
  }
}

export type Tokens = ReturnType<typeof createTokens>

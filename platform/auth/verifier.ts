import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { type CryptoKey, errors, type JSONWebKeySet, type JWTHeaderParameters, type JWTPayload, jwtVerify } from 'jose'
import { Failure } from '../errors/failure.ts'
import { isId } from '../ids.ts'
import type { Queryable } from '../sql/port.ts'
import type { Actor } from './actor.ts'
import { createPublicKeys } from './public-keys.ts'
import { createRevocations } from './revocations.ts'

export interface VerifierOptions {
  sql: Queryable
  issuer: string
  audience: string
  /** Wall clock, milliseconds. */
  now?: () => number
  /** How often revocations are asked for: 400 ms, so that one takes effect within a second. */
  pollMs?: number
  /** Verified tokens that are remembered: 10,000. */
  remembered?: number
}

export interface Verifier {
  /**
   * Who a bearer token speaks for.
   * @throws Failure `auth.invalid`, `auth.expired`, `auth.revoked`; `store.unavailable` while the keys or the revocations have never
   *   been read. Once they have, it answers without Postgres.
   */
  verify(bearer: string): Promise<Actor>
  /** For /.well-known/jwks.json: retired, current and next. */
  jwks(): JSONWebKeySet
  /** True once keys and revocations have been read. */
  ready(): boolean
  close(): Promise<void>
}

const TOLERANCE_SECONDS = 5
const KEYS_MS = 60_000
/** Ours have about 500 characters. */
const MAX_LENGTH = 4096

/** Verifies access tokens (RFC 9068) by the advice of RFC 8725: algorithm, type, issuer and audience are demanded, never taken from the token. */
export function openVerifier(options: VerifierOptions): Verifier {
  const { sql, issuer, audience, now = Date.now, pollMs = 400, remembered = 10_000 } = options
  const keys = createPublicKeys(sql)
  const revocations = createRevocations(sql)
  const known = new Map<string, { actor: Actor; expiresAt: number }>()
  const closing = new AbortController()
  let keysAt = Number.NEGATIVE_INFINITY
  let polling: Promise<void> | undefined

  async function poll(): Promise<void> {
    if (performance.now() - keysAt > KEYS_MS) {
      await keys.read()
      keysAt = performance.now()
    }
    await revocations.poll()
  }

  const pollOnce = () => {
    polling ??= poll().finally(() => {
      polling = undefined
    })
    return polling
  }

  async function check(bearer: string): Promise<{ actor: Actor; expiresAt: number }> {
    if (!isCanonical(bearer)) throw new Failure('auth.invalid')
    const { payload } = await jwtVerify(bearer, (header) => keyFor(header), {
      algorithms: ['Ed25519'],
      issuer,
      audience,
      typ: 'at+jwt',
      requiredClaims: ['sub', 'exp', 'iat', 'jti', 'sid', 'role'],
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(now()),
    }).catch((error) => {
      throw refusal(error)
    })
    const actor = actorOf(payload)
    if (!actor || payload.exp === undefined) throw new Failure('auth.invalid')
    return { actor, expiresAt: (payload.exp + TOLERANCE_SECONDS) * 1000 }
  }

  async function keyFor({ kid }: JWTHeaderParameters): Promise<CryptoKey> {
    const key = typeof kid === 'string' ? await keys.find(kid) : undefined
    if (!key) throw new Failure('auth.invalid')
    return key
  }

  async function remember(bearer: string, hash: string) {
    const token = await check(bearer)
    if (known.size >= remembered) for (const oldest of known.keys()) if (known.delete(oldest)) break
    known.set(hash, token)
    return token
  }

  const stopped = loop(pollOnce, pollMs, closing.signal)

  return {
    async verify(bearer) {
      if (bearer.length > MAX_LENGTH) throw new Failure('auth.invalid')
      if (!revocations.ready()) {
        await pollOnce().catch((cause) => {
          throw new Failure('store.unavailable', undefined, { retryAfter: 1, cause })
        })
      }
      const hash = createHash('sha256').update(bearer).digest('base64url')
      const { actor, expiresAt } = known.get(hash) ?? (await remember(bearer, hash))
      if (expiresAt <= now()) {
        known.delete(hash)
        throw new Failure('auth.expired')
      }
      if (revocations.revoked(actor)) throw new Failure('auth.revoked')
      return actor
    },
    jwks: () => keys.jwks(),
    ready: () => revocations.ready(),
    async close() {
      closing.abort()
      await stopped
    },
  }
}

/** One token has one text: base64url is decoded without regard to white space and to the spare bits of a last character. */
const isCanonical = (bearer: string): boolean =>
  bearer.split('.').every((segment) => Buffer.from(segment, 'base64url').toString('base64url') === segment)

function actorOf({ sub, sid, role }: JWTPayload): Actor | undefined {
  const sound = typeof sub === 'string' && isId(sub) && typeof sid === 'string' && isId(sid)
  return sound && (role === 'admin' || role === 'member') ? { id: sub, role, session: sid } : undefined
}

function refusal(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof errors.JWTExpired) return new Failure('auth.expired')
  if (error instanceof errors.JOSEError) return new Failure('auth.invalid', undefined, { cause: error })
  return new Failure('store.unavailable', undefined, { retryAfter: 1, cause: error })
}

/** Runs now and every so often until the signal fires. What fails is tried again: until then what is known stands. */
async function loop(work: () => Promise<void>, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work().catch(() => undefined)
    await pause(everyMs, signal)
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, ms)
    timer.unref()
    signal.addEventListener('abort', done, { once: true })
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })

import type { Clock } from './clock.ts'
import type { Tokens } from './contracts.ts'
import { hasCode, TrefoilError } from './errors.ts'

/** What a client is logged in with. Plain JSON: keep it, and give it to another client as `auth`. */
export interface Session {
  /** Bearer token; good for ten minutes. */
  accessToken: string
  /** Good for one use: a refresh answers the next one. Without it the session ends when the access token expires. */
  refreshToken?: string | undefined
  /** When the access token expires, by this machine's clock: milliseconds since 1970. Unknown without it. */
  expiresAt?: number | undefined
}

/**
 * Gives access tokens that somebody else looks after.
 * @param refused the last one, where a server has just refused it: give another one
 */
export type TokenProvider = (refused?: string) => string | Promise<string>

export interface Sessions {
  readonly current: Session | undefined
  /** The access token for a call, refreshed first where it is about to expire; undefined where nobody is logged in. */
  bearer(): Promise<string | undefined>
  /** After a 401 with this token: whether there is another one now. */
  renewed(refused: string): Promise<boolean>
  begin(tokens: Tokens): Promise<void>
  /** Forgets it, whatever the server thinks. */
  end(): Promise<void>
}

export interface SessionParts {
  auth: string | Session | TokenProvider | undefined
  /** Uses a refresh token up. It takes no signal of a caller: a lost answer is a lost session. */
  refresh(refreshToken: string): Promise<Tokens>
  onSession: ((session: Session | undefined) => void | Promise<void>) | undefined
  clock: Clock
}

/** A token is refreshed so long before it expires, in milliseconds: longer than a request is on its way. */
const MARGIN = 30_000

/** One session at a time, and one refresh at a time: a refresh token that is sent twice ends the session. */
export function createSessions({ auth, refresh, onSession, clock }: SessionParts): Sessions {
  const provider = typeof auth === 'function' ? auth : undefined
  let current: Session | undefined =
    typeof auth === 'string' ? { accessToken: auth } : typeof auth === 'object' ? { ...auth } : undefined
  let refreshing: Promise<void> | undefined

  async function become(session: Session | undefined): Promise<void> {
    current = session
    await onSession?.(session && { ...session })
  }

  /** Rejects where there is no new token; what came in the meantime, a login or a logout, stands. */
  function refreshOnce(session: Session, refreshToken: string): Promise<void> {
    refreshing ??= renew(session, refreshToken).finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  async function renew(session: Session, refreshToken: string): Promise<void> {
    try {
      const tokens = await refresh(refreshToken)
      if (current === session) await become(sessionOf(tokens))
    } catch (error) {
      if (!hasCode(error, 'session.invalid')) throw error
      if (current === session) await become(undefined)
      throw ended(error)
    }
  }

  const sessionOf = (tokens: Tokens): Session => ({
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    expiresAt: clock.now() + tokens.expires_in * 1000,
  })

  const left = ({ expiresAt = Number.POSITIVE_INFINITY }: Session): number => expiresAt - clock.now()

  return {
    get current() {
      return current && { ...current }
    },

    async bearer() {
      if (provider) return provider()
      const session = current
      if (session?.refreshToken && left(session) < MARGIN) {
        await refreshOnce(session, session.refreshToken).catch((error) => {
          // Refreshed early: as long as the old token lasts, a refresh that failed on its way is no reason to fail.
          if (current === session && left(session) > 0) return
          throw error
        })
      }
      return current?.accessToken
    },

    async renewed(refused) {
      if (provider) return (await provider(refused)) !== refused
      const session = current
      if (!session) return false
      if (session.accessToken === refused) {
        if (!session.refreshToken) return false
        await refreshOnce(session, session.refreshToken)
      }
      return current !== undefined && current.accessToken !== refused
    },

    begin: (tokens) => become(sessionOf(tokens)),

    async end() {
      if (current) await become(undefined)
    },
  }
}

const ended = (cause: TrefoilError): TrefoilError =>
  new TrefoilError({
    code: 'auth.revoked',
    message: 'The session has ended; log in again.',
    procedure: cause.procedure,
    status: 401,
    requestId: cause.requestId,
    cause,
  })

import type { Clock } from './clock.ts'
import type { Tokens } from './contracts.ts'
import { hasCode, TrefoilError } from './errors.ts'
import { oneAtATime } from './locks.ts'

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

/**
 * Where those who share a session keep it: the tabs of a browser, the processes of a machine. What it holds is the
 * session, for each of them: a login, a refresh or a logout of one holds for all.
 */
export interface SessionStore {
  /** What was saved last, by whomever; nothing where nobody is logged in. Asked for each call. */
  load(): Session | null | undefined | Promise<Session | null | undefined>
  /** Undefined where the session has ended. */
  save(session: Session | undefined): void | Promise<void>
}

export interface Sessions {
  /** As it was when it was last looked at. */
  readonly current: Session | undefined
  /** As it is now, whoever has changed it. */
  load(): Promise<Session | undefined>
  /** The access token for a call, refreshed first where it is about to expire; undefined where nobody is logged in. */
  bearer(): Promise<string | undefined>
  /** After a 401 with this token: whether there is another one now. */
  renewed(refused: string): Promise<boolean>
  begin(tokens: Tokens): Promise<void>
  /** Forgets it, whatever the server thinks. */
  end(): Promise<void>
}

export interface SessionParts {
  auth: string | Session | SessionStore | TokenProvider | null | undefined
  /** Uses a refresh token up. It takes no signal of a caller: a lost answer is a lost session. */
  refresh(refreshToken: string): Promise<Tokens>
  onSession: ((session: Session | undefined) => void | Promise<void>) | undefined
  clock: Clock
}

/** A token is refreshed so long before it expires, in milliseconds: longer than a request is on its way. */
const MARGIN = 30_000

/** One session at a time, and one refresh of it at a time: a refresh token that is sent twice ends the session. */
export function createSessions({ auth, refresh, onSession, clock }: SessionParts): Sessions {
  const provider = typeof auth === 'function' ? auth : undefined
  const kept = typeof auth === 'object' && auth !== null ? auth : undefined
  const store = kept && 'load' in kept ? kept : undefined
  let current: Session | undefined =
    typeof auth === 'string' ? { accessToken: auth } : kept && !('load' in kept) ? { ...kept } : undefined
  let refreshing: { refreshToken: string; done: Promise<void> } | undefined

  async function load(): Promise<Session | undefined> {
    if (store) current = (await store.load()) ?? undefined
    return current
  }

  async function become(session: Session | undefined): Promise<void> {
    current = session
    if (store) {
      await store.save(session && { ...session })
      current = session // whoever looked while it was being saved has found the one before
    }
    await onSession?.(session && { ...session })
  }

  /** Rejects where there is no new token; what came in the meantime stands: a login, a logout, a refresh of another's. */
  function refreshOnce(refreshToken: string): Promise<void> {
    if (refreshing?.refreshToken === refreshToken) return refreshing.done
    const begun = { refreshToken, done: oneAtATime(store && refreshToken, () => renew(refreshToken)) }
    const end = () => {
      if (refreshing === begun) refreshing = undefined
    }
    refreshing = begun
    begun.done.then(end, end)
    return begun.done
  }

  async function renew(refreshToken: string): Promise<void> {
    const superseded = async () => (await load())?.refreshToken !== refreshToken
    if (await superseded()) return
    const [answer] = await Promise.allSettled([refresh(refreshToken)])
    if (await superseded()) return
    if (answer.status === 'fulfilled') return become(sessionOf(answer.value))
    if (!hasCode(answer.reason, 'session.invalid')) throw answer.reason
    await become(undefined)
    throw ended(answer.reason)
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

    load,

    async bearer() {
      if (provider) return provider()
      const session = await load()
      if (session?.refreshToken && left(session) < MARGIN) {
        await refreshOnce(session.refreshToken).catch((error) => {
          // Refreshed early: as long as the old token lasts, a refresh that failed on its way is no reason to fail.
          if (current?.refreshToken === session.refreshToken && left(session) > 0) return
          throw error
        })
      }
      return current?.accessToken
    },

    async renewed(refused) {
      if (provider) return (await provider(refused)) !== refused
      const session = await load()
      if (session?.accessToken === refused && session.refreshToken) await refreshOnce(session.refreshToken)
      return current !== undefined && current.accessToken !== refused
    },

    begin: (tokens) => become(sessionOf(tokens)),

    async end() {
      if (await load()) await become(undefined)
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

import type { Clock } from './clock.ts'
import type { TrefoilError } from './errors.ts'
import type { Session, SessionStore, TokenProvider } from './session.ts'

export interface ClientOptions {
  /** Where Trefoil is: `http://localhost:8000`, or whatever path a gateway serves it under; in a page also `/api`. */
  url: string | URL
  /**
   * Who calls: an access token, a session that was kept, a store of one that is shared, or a function that gives a token
   * for each call. Without it, or with null, only open procedures can be called, until `client.login`.
   */
  auth?: string | Session | SessionStore | TokenProvider | null | undefined
  /**
   * Told each new session of this client, at login and after each refresh, and undefined when it ends. It is awaited, so that what it
   * keeps is never a refresh token that is used up.
   */
  onSession?: ((session: Session | undefined) => void | Promise<void>) | undefined
  /** The consistency token of another client or process: this one sees at least what that one has seen. */
  token?: string | undefined
  /** Milliseconds for a call as a whole: attempts, pauses, a refresh, settling. 30,000 by default; Infinity for no limit. */
  timeout?: number | undefined
  /** How often a call that failed on its way is tried again: 4 times by default, as long as its time allows. */
  retries?: number | undefined
  /**
   * Sends queries that are made in the same tick to the same service as one request, at most ten. False by default: over
   * HTTP/2 it gains nothing, and the slowest holds up the others. Changes always go alone, each under its own key.
   */
  batch?: boolean | undefined
  /** Told before each retry: for a log. */
  onRetry?: ((retry: Retry) => void) | undefined
  /** Sent with every request, such as `traceparent`; a function is asked once for each request, not again for its retries. */
  headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>) | undefined
  /** Instead of the global one. */
  fetch?: typeof globalThis.fetch | undefined
  /** For tests: from 0 up to 1, instead of Math.random. */
  random?: (() => number) | undefined
  /** For tests: instead of the system's. */
  clock?: Clock | undefined
}

export interface CallOptions {
  /** Ends the call, with what it waits for: attempts, pauses, settling, pages. */
  signal?: AbortSignal | undefined
  /** Milliseconds for this call, instead of the client's. */
  timeout?: number | undefined
}

export interface ChangeOptions extends CallOptions {
  /**
   * 1 to 200 printable ASCII characters: under one key a change happens once, for seven days, whoever repeats it, from
   * whichever process. Made up by default: then it holds for the retries of this call alone.
   */
  idempotencyKey?: string | undefined
}

/** An attempt that has failed, and is made again. */
export interface Retry {
  /** What was called: `tasks.create`. */
  procedure: string
  /** Attempts so far, from 1. */
  attempt: number
  /** Milliseconds before the next one. */
  pause: number
  error: TrefoilError
}

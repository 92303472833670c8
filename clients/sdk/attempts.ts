import type { Clock } from './clock.ts'
import { type Deadline, Over, startDeadline } from './deadline.ts'
import { TrefoilError } from './errors.ts'
import type { Retry } from './options.ts'
import { refusalOf, unreachable } from './refusals.ts'
import { mayRetry, pauseBefore } from './retry.ts'
import type { Transport } from './transport.ts'

/** A procedure to be called, as often as it takes. */
export interface Task {
  /** `tasks.create` */
  path: string
  kind: 'query' | 'mutation'
  input: unknown
  headers?: Readonly<Record<string, string>>
  /** True for what may be done twice: a query, or a change under its key. */
  repeatable: boolean
  /** Milliseconds that the server was asked to wait before it answers. */
  waits?: number
  /** Milliseconds for one attempt, where the usual time is too long. */
  patience?: number
  /** Sent with each attempt, finds them all in the server's log; those that go together go under the last one's. */
  requestId: string
}

export interface AttemptParts {
  transport: Transport
  /** The caller's own headers, asked for once, not again for a retry. */
  headers(): Readonly<Record<string, string>>
  /** What has been seen, as a header. */
  seen(): Readonly<Record<string, string>>
  /** How to come by a token, and by another one after a 401; undefined for calls that need none. */
  sessions?: { bearer(): Promise<string | undefined>; renewed(refused: string): Promise<boolean> } | undefined
  retries: number
  random: () => number
  clock: Clock
  onRetry: ((retry: Retry) => void) | undefined
}

/**
 * Milliseconds for an attempt, besides what the server was asked to wait. It gives a query up after ten seconds itself,
 * and no request of any kind takes it more than twenty.
 */
const PATIENCE = 12_000

/**
 * Calls until there is an answer, retries are used up, or time is over.
 * @throws TrefoilError; a fault of the caller's own, in a callback, a header or the input, is thrown as it is
 */
export async function attempt(task: Task, parts: AttemptParts, deadline: Deadline): Promise<unknown> {
  // Both throw, before anything is sent, what never could be.
  const own = sendable({ ...parts.headers(), ...task.headers })
  JSON.stringify(task.input)
  let { requestId } = task
  let renewed = false
  for (let failed = 1; ; failed++) {
    const error = await once()
    if (!(error instanceof TrefoilError)) return error.answer
    const pause = pauseBefore(failed, error.retryAfter, parts.random)
    const hopeless = failed > parts.retries || pause >= deadline.remaining()
    if (hopeless || !mayRetry(error, task.repeatable)) throw error
    parts.onRetry?.({ procedure: task.path, attempt: failed, pause, error })
    await deadline.sleep(pause).catch(() => {
      throw timeOver()
    })
  }

  async function once(): Promise<{ answer: unknown } | TrefoilError> {
    if (deadline.over) throw timeOver()
    const bearer = await inTime(() => parts.sessions?.bearer())
    const result = await send(bearer)
    const unauthorized = result instanceof TrefoilError && result.status === 401 && result.code.startsWith('auth.')
    if (!unauthorized || bearer === undefined || renewed) return result
    renewed = true
    return (await inTime(() => parts.sessions?.renewed(bearer))) ? once() : result
  }

  async function send(bearer: string | undefined): Promise<{ answer: unknown } | TrefoilError> {
    const { path, kind, input, patience = PATIENCE + (task.waits ?? 0) } = task
    const headers = sendable({
      ...own,
      ...parts.seen(),
      'x-request-id': task.requestId,
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    })
    const sentAs = (id: string) => {
      requestId = id
    }
    const alone = startDeadline(patience, deadline.signal, parts.clock)
    try {
      const { signal } = alone
      return { answer: await alone.race(parts.transport({ path, kind, input, headers, signal, sentAs })) }
    } catch (thrown) {
      if (deadline.over) throw timeOver()
      return alone.over ? unreachable(path, requestId, alone.signal.reason) : refusalOf(thrown, path, requestId)
    } finally {
      alone.end()
    }
  }

  /** What belongs to more calls than this one goes on without it when its time is over. */
  async function inTime<T>(work: () => Promise<T> | undefined): Promise<T | undefined> {
    try {
      const started = work()
      return started && (await deadline.race(started))
    } catch (error) {
      throw error instanceof Over ? timeOver() : error
    }
  }

  function timeOver(): TrefoilError {
    const about = { procedure: task.path, requestId, cause: deadline.signal.reason }
    if (deadline.over === 'aborted')
      return new TrefoilError({ ...about, code: 'client.aborted', message: 'The call was aborted.' })
    const after = task.kind === 'query' ? '' : ` ${MAY_HAPPEN}`
    const message = `There was no answer in time; try again, or give it a longer timeout.${after}`
    return new TrefoilError({ ...about, code: 'client.timeout', message })
  }
}

const MAY_HAPPEN = 'The change may happen all the same: repeat it under the same idempotency key.'

/** Names in small letters, so that each header is there once. @throws TypeError for what `fetch` would not send */
const sendable = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(new Headers(headers))

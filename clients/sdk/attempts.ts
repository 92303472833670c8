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
  /** Sent with each attempt: finds them all in the server's log. */
  requestId: string
}

export interface AttemptParts {
  transport: Transport
  /** How to come by a token, and by another one after a 401; undefined for calls that need none. */
  sessions?: { bearer(): Promise<string | undefined>; renewed(refused: string): Promise<boolean> } | undefined
  retries: number
  random: () => number
  clock: Clock
  onRetry: ((retry: Retry) => void) | undefined
}

/** Milliseconds for an attempt: a server gives up after ten seconds itself, so after these nobody is there. */
const PATIENCE = 12_000

/** Calls until there is an answer, retries are used up, or time is over. @throws TrefoilError, or what a callback throws */
export async function attempt(task: Task, parts: AttemptParts, deadline: Deadline): Promise<unknown> {
  let renewed = false
  for (let failed = 1; ; failed++) {
    const error = await once()
    if (!(error instanceof TrefoilError)) return error.answer
    const pause = pauseBefore(failed, error.retryAfter, parts.random)
    const hopeless = failed > parts.retries || pause >= deadline.remaining()
    if (hopeless || !mayRetry(error, task.repeatable)) throw error
    parts.onRetry?.({ procedure: task.path, attempt: failed, pause, error })
    await deadline.sleep(pause).catch(() => {
      throw timeOver(task, deadline)
    })
  }

  async function once(): Promise<{ answer: unknown } | TrefoilError> {
    const bearer = await inTime(() => parts.sessions?.bearer())
    const result = await send(bearer)
    const unauthorized = result instanceof TrefoilError && result.status === 401 && result.code.startsWith('auth.')
    if (!unauthorized || bearer === undefined || renewed) return result
    renewed = true
    return (await inTime(() => parts.sessions?.renewed(bearer))) ? once() : result
  }

  async function send(bearer: string | undefined): Promise<{ answer: unknown } | TrefoilError> {
    const { path, kind, input, requestId, patience = PATIENCE + (task.waits ?? 0) } = task
    const headers = {
      ...task.headers,
      'x-request-id': requestId,
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
    }
    const own = startDeadline(patience, deadline.signal, parts.clock)
    try {
      return { answer: await own.race(parts.transport({ path, kind, input, headers, signal: own.signal })) }
    } catch (thrown) {
      if (deadline.over) throw timeOver(task, deadline)
      return own.over ? unreachable(path, requestId, own.signal.reason) : refusalOf(thrown, path, requestId)
    } finally {
      own.end()
    }
  }

  /** What belongs to more calls than this one goes on without it when its time is over. */
  async function inTime<T>(work: () => Promise<T> | undefined): Promise<T | undefined> {
    try {
      const started = work()
      return started && (await deadline.race(started))
    } catch (error) {
      throw error instanceof Over ? timeOver(task, deadline) : error
    }
  }
}

function timeOver({ path, requestId, kind }: Task, { over, signal }: Deadline): TrefoilError {
  const about = { procedure: path, requestId, cause: signal.reason }
  if (over === 'aborted')
    return new TrefoilError({ ...about, code: 'client.aborted', message: 'The call was aborted.' })
  const after = kind === 'query' ? '' : ' The change may happen all the same: repeat it under the same idempotency key.'
  return new TrefoilError({
    ...about,
    code: 'client.timeout',
    message: `There was no answer in time; try again, or give it a longer timeout.${after}`,
  })
}

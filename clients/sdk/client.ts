import { addressOf } from './address.ts'
import { type AttemptParts, attempt, type Task } from './attempts.ts'
import { createCalls, taskOf } from './calls.ts'
import { systemClock } from './clock.ts'
import { mergeTokens } from './consistency.ts'
import type { Tokens } from './contracts.ts'
import { type Deadline, startDeadline } from './deadline.ts'
import { hasCode } from './errors.ts'
import type { CallOptions, ClientOptions } from './options.ts'
import { isOpen } from './procedures.ts'
import { withServices } from './services.ts'
import { createSessions } from './session.ts'
import type { Client } from './surface.ts'
import { createTransport } from './transport.ts'

const TIMEOUT = 30_000
const RETRIES = 4
const TOKEN_HEADER = 'consistency-token'

/** Milliseconds for one attempt at a refresh: a repeat within ten seconds is a repeat to the server, and no theft. */
const REFRESH_PATIENCE = 3_000

/**
 * A client of all services behind one address.
 *
 *     const client = createClient({ url: 'http://localhost:8000' })
 *     await client.login({ username: 'admin', password })
 *     const task = await client.tasks.create.mutate({ projectId: 'APOLLO', title: 'Test the engine' })
 *
 * It holds no connection and no timer between calls, so there is nothing to close.
 * @throws TypeError for a url that is none of http or https
 */
export function createClient(options: ClientOptions): Client {
  const { clock = systemClock, random = Math.random, retries = RETRIES, timeout = TIMEOUT, headers } = options
  let seen = options.token

  function see(token?: string | null): string | undefined {
    if (token) seen = mergeTokens(seen, token)
    return seen
  }
  const transport = createTransport({
    url: addressOf(options.url),
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    batch: options.batch ?? false,
    onAnswer: (answered) => void see(answered.get(TOKEN_HEADER)),
    now: () => clock.now(),
  })
  const parts: AttemptParts = {
    transport,
    headers: () => (typeof headers === 'function' ? headers() : (headers ?? {})),
    seen: () => ({ ...(seen !== undefined && { [TOKEN_HEADER]: seen }) }),
    ...{ retries, random, clock, onRetry: options.onRetry },
  }
  const sessions = createSessions({
    auth: options.auth,
    onSession: options.onSession,
    clock,
    refresh: (refresh_token) =>
      within({}, (deadline) => {
        const task = taskOf('users.refresh', 'mutation', { refresh_token })
        return perform({ ...task, repeatable: true, patience: REFRESH_PATIENCE }, deadline) as Promise<Tokens>
      }),
  })

  async function within<T>({ timeout: ms = timeout, signal }: CallOptions, work: (deadline: Deadline) => Promise<T>) {
    const deadline = startDeadline(ms, signal, clock)
    return work(deadline).finally(() => deadline.end())
  }

  const perform = (task: Task, deadline: Deadline) =>
    attempt(task, isOpen(task.path) ? parts : { ...parts, sessions }, deadline)

  const calls = createCalls({ within, perform, see, random })

  const own = {
    async login(credentials: { username: string; password: string }, call: CallOptions = {}) {
      if (typeof options.auth === 'function')
        throw new TypeError('`auth` is a function that gives the tokens: log in there.')
      const task = { ...taskOf('users.login', 'mutation', credentials), repeatable: true } // two sessions are no harm
      const tokens = await within(call, (deadline) => perform(task, deadline))
      await sessions.begin(tokens as Tokens)
      return sessions.current
    },

    async logout(call: CallOptions = {}) {
      try {
        if (await sessions.load())
          await within(call, (deadline) => perform(taskOf('users.logout', 'mutation', {}), deadline))
      } catch (error) {
        if (!hasCode(error) || error.status !== 401) throw error // ended already
      } finally {
        await sessions.end()
      }
    },

    settle: calls.settle,

    get token() {
      return seen
    },
    set token(token) {
      if (token === undefined) seen = undefined
      else see(token)
    },
  }

  // Not enumerable: a client that ends up in a log, or in JSON, takes no secret along.
  Object.defineProperty(own, 'session', { get: () => sessions.current })
  return withServices(own, calls) as unknown as Client
}

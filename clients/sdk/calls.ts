import type { Task } from './attempts.ts'
import type { Receipt } from './contracts.ts'
import type { Deadline } from './deadline.ts'
import { amended, hasCode } from './errors.ts'
import type { CallOptions, ChangeOptions } from './options.ts'
import { type Page, pagesOf } from './pages.ts'
import { isOpen, isUnguarded } from './procedures.ts'
import { refusedHere } from './refusals.ts'
import { pauseBetween } from './retry.ts'
import { isReceipt, settle, waitWithin } from './settling.ts'
import type { Sent } from './surface.ts'
import { uuid } from './uuid.ts'

/** What a server takes. */
const KEY = /^[\x20-\x7e]{1,200}$/

/** What the methods of every procedure come down to, by the procedure's path. */
export interface Calls {
  query(path: string, input: unknown, options?: CallOptions): Promise<unknown>
  mutate(path: string, input: unknown, options?: ChangeOptions): Promise<unknown>
  send(path: string, input: unknown, options?: ChangeOptions): Promise<Sent>
  pages(path: string, input: object | undefined, options?: CallOptions): AsyncGenerator<Page<unknown>, void>
  settle(receipt: Sent, options?: CallOptions): Promise<unknown>
}

export interface CallParts {
  /** Gives the work the time that the options say, or the client's. */
  within<T>(options: CallOptions, work: (deadline: Deadline) => Promise<T>): Promise<T>
  perform(task: Task, deadline: Deadline): Promise<unknown>
  /** Adds to what the client has seen, and says all of it. */
  see(token?: string): string | undefined
  random: () => number
}

export function createCalls({ within, perform, see, random }: CallParts): Calls {
  const query: Calls['query'] = (path, input, options = {}) =>
    within(options, (deadline) => perform(taskOf(path, 'query', input), deadline))

  /** Under a key of its own or the caller's, which an error names: so what it leaves open can be repeated. */
  async function change<T>(
    path: string,
    input: unknown,
    { idempotencyKey = uuid(), ...options }: ChangeOptions,
    work: (task: Task, deadline: Deadline) => Promise<T>,
  ): Promise<T> {
    if (!KEY.test(idempotencyKey)) throw amended(refusedHere('idempotency.invalid', path), { idempotencyKey })
    const headers = { 'idempotency-key': idempotencyKey }
    const task = { ...taskOf(path, 'mutation', input), repeatable: true, headers }
    return within(options, (deadline) => work(task, deadline)).catch((error) => {
      throw hasCode(error) ? amended(error, { idempotencyKey }) : error
    })
  }

  async function untilDecided(task: Task, deadline: Deadline): Promise<unknown> {
    for (let asked = 1; ; asked++) {
      const answer = await perform(patient(task, deadline), deadline)
      if (!isReceipt(answer)) return answer
      // What nobody in particular has asked for can be looked up by nobody: asked again, it is a repeat, and waits.
      if (!isOpen(task.path)) return settled(answer, task, deadline)
      await deadline.sleep(pauseBetween(asked, random)).catch(() => undefined) // the next attempt says what is over
    }
  }

  async function accepted(task: Task, deadline: Deadline): Promise<Sent> {
    const answer = await perform(withHeader(task, 'respond-async'), deadline)
    if (isReceipt(answer)) return answer
    const { id = '' } = (answer ?? {}) as { id?: string }
    return { status: 'accepted', operation: '', id, token: see() ?? '', decided: { value: answer ?? null } }
  }

  function settled(receipt: Receipt, { path, requestId }: Pick<Task, 'path' | 'requestId'>, deadline: Deadline) {
    see(receipt.token)
    const lookUp = (id: string, wait: number) => {
      const task = taskOf('operations.byId', 'query', { id, wait })
      return perform({ ...task, requestId, waits: wait * 1000 }, deadline)
    }
    return settle(receipt, { procedure: path, requestId, lookUp, pause: () => 50 + random() * 150 }, deadline)
  }

  return {
    query,

    mutate: (path, input, options = {}) =>
      isUnguarded(path)
        ? within(options, (deadline) => perform(taskOf(path, 'mutation', input), deadline))
        : change(path, input, options, untilDecided),

    send: (path, input, options = {}) => change(path, input, options, accepted),

    pages: (path, input, options) =>
      pagesOf(async (cursor) => {
        const page = await query(path, cursor === undefined ? input : { ...input, cursor }, options)
        return page as Page<unknown>
      }),

    async settle({ decided, ...receipt }, options = {}) {
      if (decided) return decided.value ?? undefined
      return within(options, (deadline) => settled(receipt, taskOf('operations.byId', 'query', undefined), deadline))
    },
  }
}

export function taskOf(path: string, kind: Task['kind'], input: unknown): Task {
  return { path, kind, input, repeatable: kind === 'query', requestId: uuid() }
}

/** The server waits as long as makes sense, so that an answer at once is the rule and a receipt the exception. */
function patient(task: Task, deadline: Deadline): Task {
  const wait = Math.floor(waitWithin(deadline))
  return { ...withHeader(task, `wait=${wait}`), waits: wait * 1000 }
}

const withHeader = (task: Task, prefer: string): Task => ({ ...task, headers: { ...task.headers, prefer } })

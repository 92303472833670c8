import { createTRPCUntypedClient, httpBatchLink, httpLink, type Operation, type TRPCLink } from '@trpc/client'
import type { AnyRouter } from '@trpc/server'
import { answerOf, retryAfterOf } from './answers.ts'
import { ForeignAnswer } from './refusals.ts'

/** One request to one procedure. */
export interface Sending {
  /** `tasks.create` */
  path: string
  kind: 'query' | 'mutation'
  input: unknown
  /** `x-request-id` among them. */
  headers: Readonly<Record<string, string>>
  signal: AbortSignal
  /** Told the request id that it goes under, where it goes together with others. */
  sentAs(requestId: string): void
}

export interface TransportParts {
  url: string
  fetch: typeof globalThis.fetch
  batch: boolean
  /** Told of each answer before anyone else is. */
  onAnswer(headers: Headers): void
  /** Milliseconds since 1970. */
  now(): number
}

export type Transport = (sending: Sending) => Promise<unknown>

/** Sends over tRPC's own links. Rejects with what these reject with. */
export function createTransport({ url, fetch, batch, onAnswer, now }: TransportParts): Transport {
  const sending =
    (callsIn: (url: string) => number | undefined) => async (to: string | URL | Request, init?: unknown) => {
      const response = await fetch(to, init as RequestInit)
      onAnswer(response.headers)
      const answer = answerOf(await response.text(), callsIn(String(to)))
      const retryAfter = retryAfterOf(response.headers, now())
      if (!answer) throw new ForeignAnswer(response.status, retryAfter)
      return { ok: response.ok, json: async () => answer, retryAfter }
    }
  const single = httpLink({ url, fetch: sending(() => undefined), headers: ({ op }) => contextOf(op).headers })
  const together = () =>
    httpBatchLink({
      url,
      fetch: sending((to) => to.slice(url.length).split('?', 1)[0]!.split(',').length),
      maxItems: MAX_BATCH,
      headers: ({ opList }) => {
        const { headers } = contextOf(opList.at(-1)!) // the last one has the newest token
        for (const op of opList) contextOf(op).sentAs(headers['x-request-id']!)
        return headers
      },
    })
  const client = createTRPCUntypedClient({ links: [batch ? byService(single, together) : single] })

  return ({ path, kind, input, signal, ...context }) =>
    client[kind](path, input, { context: { ...context } satisfies Context, signal })
}

/** As many calls as a server takes at once. */
const MAX_BATCH = 10

/** Characters of an input in a URL: ten of them fit into the 8 KiB that servers take. */
const SHORT = 600

/**
 * Short queries go together, with others to the same service: a batch is never split over services by whoever stands
 * between. Changes, with headers of their own, and look-ups that wait go alone.
 */
function byService(single: TRPCLink<AnyRouter>, together: () => TRPCLink<AnyRouter>): TRPCLink<AnyRouter> {
  return (runtime) => {
    const alone = single(runtime)
    const batches = new Map<string, ReturnType<TRPCLink<AnyRouter>>>()
    return (call) => {
      const { path, type, input } = call.op
      const service = path.slice(0, path.indexOf('.'))
      if (type !== 'query' || service === 'operations' || lengthOf(input) > SHORT) return alone(call)
      const link = batches.get(service) ?? together()(runtime)
      batches.set(service, link)
      return link(call)
    }
  }
}

const lengthOf = (input: unknown): number => encodeURIComponent(JSON.stringify(input) ?? '').length

type Context = Pick<Sending, 'headers' | 'sentAs'>

const contextOf = ({ context }: Operation): Context => context as unknown as Context

import { createTRPCUntypedClient, httpBatchLink, httpLink, type Operation, type TRPCLink } from '@trpc/client'
import type { AnyRouter } from '@trpc/server'
import { ForeignAnswer } from './refusals.ts'

/** One request to one procedure. */
export interface Sending {
  /** `tasks.create` */
  path: string
  kind: 'query' | 'mutation'
  input: unknown
  headers: Readonly<Record<string, string>>
  signal: AbortSignal
}

export interface TransportParts {
  url: string
  fetch: typeof globalThis.fetch
  batch: boolean
  /** Headers that are the same for all who send at this moment. */
  shared(): Readonly<Record<string, string>>
  /** Told of each answer before anyone else is. */
  onAnswer(headers: Headers): void
}

export type Transport = (sending: Sending) => Promise<unknown>

/** Sends over tRPC's own links. Rejects with what these reject with. */
export function createTransport({ url, fetch, batch, shared, onAnswer }: TransportParts): Transport {
  const send = async (input: string | URL | Request, init?: unknown) => {
    const response = await fetch(input, init as RequestInit)
    onAnswer(response.headers)
    const answer = parse(await response.text())
    if (!isTrpc(answer)) throw new ForeignAnswer(response.status, secondsOf(response.headers.get('retry-after')))
    return { ok: response.ok, json: async () => answer }
  }
  const single = httpLink({ url, fetch: send, headers: ({ op }) => ({ ...shared(), ...headersOf(op) }) })
  const together = () =>
    httpBatchLink({
      url,
      fetch: send,
      maxItems: MAX_BATCH,
      headers: ({ opList }) => ({ ...shared(), ...headersOf(opList.at(-1)!) }), // the last one has the newest token
    })
  const client = createTRPCUntypedClient({ links: [batch ? byService(single, together) : single] })

  return ({ path, kind, input, headers, signal }) => client[kind](path, input, { context: { headers }, signal })
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

const headersOf = ({ context }: Operation): Record<string, string> => context.headers as Record<string, string>

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isTrpc = (answer: unknown): boolean =>
  Array.isArray(answer)
    ? answer.every(isTrpc)
    : typeof answer === 'object' && answer !== null && ('result' in answer || 'error' in answer)

/** A date, which is the header's other form, says too little where clocks differ. */
const secondsOf = (text: string | null): number | undefined =>
  text !== null && /^\d{1,6}$/.test(text.trim()) ? Number(text) : undefined

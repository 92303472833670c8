import { Failure } from '../errors/failure.ts'
import { refuse } from '../errors/refusal.ts'
import { type CallContext, type Endpoint, sentBy } from '../trpc/trpc.ts'
import { mediaTypeOf } from './media-type.ts'
import { JSON_TYPE, type Reply } from './reply.ts'
import { isInputAlone } from './trpc-calls.ts'
import { errorReply, resultReply } from './trpc-reply.ts'

export interface DirectCall {
  name: string
  query: string
  request: Request
  /** The body of a POST. */
  body: string
  ctx: CallContext
}

/**
 * The direct lane: a single JSON query or mutation, from its name to its endpoint, answered as tRPC's own handler would
 * answer it. Undefined for anything that is the least bit out of the ordinary: that is left to tRPC.
 */
export function createDirect(
  endpoints: ReadonlyMap<string, Endpoint>,
): (call: DirectCall) => Promise<Reply> | undefined {
  return (call) => {
    const endpoint = endpoints.get(call.name)
    const { headers, method } = call.request
    if (!endpoint || method !== METHOD[endpoint.spec.kind] || wantsStream(headers)) return undefined
    if (method === 'POST') return call.query === '' && isJson(headers) ? run(endpoint, call, call.body) : undefined
    if (headers.has('content-type') && !isJson(headers)) return undefined
    const input = inputOf(call.query)
    return input === undefined ? undefined : run(endpoint, call, input)
  }
}

const METHOD = { query: 'GET', mutation: 'POST', subscription: '' } as const

async function run(endpoint: Endpoint, { name, ctx }: DirectCall, input: string): Promise<Reply> {
  try {
    return resultReply(await endpoint.answer(ctx, () => parse(input)), ctx)
  } catch (error) {
    return errorReply(refuse(error, ctx.log), name, ctx.requestId, sentBy(ctx))
  }
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new Failure('input.malformed')
  }
}

/** `input=…` alone, decoded as URLSearchParams does; undefined for a query with anything else in it. */
function inputOf(query: string): string | undefined {
  if (!isInputAlone(query)) return undefined
  try {
    return decodeURIComponent(query.slice('input='.length).replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

const isJson = (headers: Headers): boolean => mediaTypeOf(headers) === JSON_TYPE

const wantsStream = (headers: Headers): boolean =>
  headers.has('trpc-accept') || (headers.get('accept')?.includes('application/jsonl') ?? false)

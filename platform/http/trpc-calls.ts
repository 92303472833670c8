import type { Procedure } from '../contract/contract.ts'
import { Failure } from '../errors/failure.ts'
import type { CallContext } from '../trpc/trpc.ts'
import type { Target } from './target.ts'

export const TRPC_PREFIX = '/trpc/'

/** More at once would hold up each other. */
export const MAX_BATCH = 10

/** What a tRPC request calls. */
export interface TrpcCalls {
  /** As tRPC reads it: several procedures, by commas, in a batch. */
  path: string
  names: string[]
  batch: boolean
}

/** @throws Failure `input.malformed`, `batch.too_large`, `batch.mixed` */
export function callsOf({ path, query }: Target): TrpcCalls {
  const end = path.endsWith('/') ? path.length - 1 : path.length
  const called = decode(path.slice(TRPC_PREFIX.length, end))
  const batch = !isInputAlone(query) && new URLSearchParams(query).get('batch') === '1'
  const names = batch ? called.split(',') : [called]
  if (names.length > MAX_BATCH) throw new Failure('batch.too_large', `A batch has at most ${MAX_BATCH} calls.`)
  const services = new Set(names.map((name) => name.split('.', 1)[0]))
  // One process may well serve them all, but a client that relies on that breaks when they are taken apart.
  if (services.size > 1) throw new Failure('batch.mixed')
  return { path: called, names, batch }
}

/** The query of an ordinary call, which need not be taken apart to be known. */
export const isInputAlone = (query: string): boolean =>
  query === '' || (query.startsWith('input=') && !query.includes('&'))

/** @throws Failure `batch.headers` where it would not be clear which of the calls a header is about */
export function assertOwnHeaders(
  { names, batch }: TrpcCalls,
  specs: ReadonlyMap<string, Procedure>,
  { asked }: CallContext,
) {
  if (!batch || (asked.idempotencyKey ?? asked.match ?? asked.noneMatch) === undefined) return
  if (names.some((name) => specs.get(name)?.kind === 'mutation')) throw new Failure('batch.headers')
}

function decode(path: string): string {
  try {
    return path.includes('%') ? decodeURIComponent(path) : path
  } catch {
    throw new Failure('input.malformed', 'The path is not well-formed: % begins no UTF-8 character.')
  }
}

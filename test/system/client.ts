import { TRPCClientError } from '@trpc/client'
import type { z } from 'zod'
import type { Procedure } from '../../platform/contract/contract.ts'
import type { InputOf } from '../../platform/contract/router-type.ts'
import { contracts } from '../../services/catalog.ts'
import { callRest } from './rest.ts'
import { createTrpc } from './trpc.ts'

export const faces = ['REST', 'tRPC'] as const
export type Face = (typeof faces)[number]

type Contracts = typeof contracts

/** Every procedure of every service, whichever face carries the calls. */
export type Client = {
  [Service in keyof Contracts]: {
    [Name in keyof Contracts[Service]]: Contracts[Service][Name] extends infer P extends Procedure ? Call<P> : never
  }
}

/** Resolves to the answer, waiting as long as may be for what a change becomes. @throws Refused */
type Call<P extends Procedure> =
  undefined extends InputOf<P>
    ? (input?: InputOf<P>, headers?: Sent) => Promise<z.output<P['output']>>
    : (input: InputOf<P>, headers?: Sent) => Promise<z.output<P['output']>>

type Sent = Readonly<Record<string, string>>

/** A refusal as either face tells it. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  /** What the code tells beside itself. */
  readonly extra: Readonly<Record<string, unknown>>

  constructor(status: number, code: string, message: string, extra: Readonly<Record<string, unknown>>) {
    super(`${status} ${code}: ${message}`)
    this.name = 'Refused'
    this.status = status
    this.code = code
    this.extra = extra
  }
}

export interface Caller {
  url: string
  token?: string | undefined
}

export function createClient(face: Face, caller: Caller): Client {
  const call = face === 'REST' ? restCall(caller) : trpcCall(caller)
  const services = Object.entries<Record<string, Procedure>>(contracts).map(([service, contract]) => {
    const procedures = Object.entries(contract).map(([name, spec]) => [
      name,
      (input: Input = {}, headers: Sent = {}) =>
        call(`${service}.${name}`, spec, input, { ...(spec.command && { prefer: 'wait=10' }), ...headers }),
    ])
    return [service, Object.fromEntries(procedures)]
  })
  return Object.fromEntries(services)
}

type Input = Readonly<Record<string, unknown>>
type CallByName = (name: string, spec: Procedure, input: Input, headers: Sent) => Promise<unknown>

const restCall =
  (caller: Caller): CallByName =>
  async (name, spec, input, headers) => {
    const { status, body } = await callRest(caller, name, spec, input, headers)
    if (status < 400) return settled(body)
    const { type: _, title, status: told, detail, code, requestId: __, ...extra } = body as Record<string, unknown>
    throw new Refused(Number(told), String(code), String(detail ?? title), extra)
  }

function trpcCall(caller: Caller): CallByName {
  const client = createTrpc(caller) as unknown as Record<string, Record<string, Record<'query' | 'mutate', Ask>>>
  return async (name, { kind }, input, headers) => {
    const [service = '', procedure = ''] = name.split('.')
    try {
      return settled(
        await client[service]![procedure]![kind === 'query' ? 'query' : 'mutate'](input, { context: { headers } }),
      )
    } catch (error) {
      if (!(error instanceof TRPCClientError) || !error.data) throw error
      const { code: _, httpStatus, path: __, reason, requestId: ___, retryAfter: ____, ...extra } = error.data
      throw new Refused(httpStatus, reason, error.message, extra)
    }
  }
}

type Ask = (input: Input, options: { context: { headers: Sent } }) => Promise<unknown>

/** Whoever waits that long for a change wants to know what became of it. */
function settled(answer: unknown): unknown {
  const receipt = typeof answer === 'object' && answer !== null && 'operation' in answer && 'token' in answer
  if (receipt) throw new Error('The change was accepted, and is not decided after the longest wait.')
  return answer
}

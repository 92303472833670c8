import { createTRPCClient, httpLink, type TRPCClient } from '@trpc/client'
import type { RouterOf } from '../../platform/contract/router-type.ts'
import type { contracts } from '../../services/catalog.ts'
import { Unreachable, WrongAnswer } from './trouble.ts'

type Contracts = typeof contracts

/** Every service behind one address, typed by the contracts alone. */
export type Api = { [Name in keyof Contracts & string]: TRPCClient<RouterOf<Name, Contracts[Name]>>[Name] }

/** Longer than any request takes that the server still means to answer. */
const DEADLINE_MS = 30_000

/** @param token asked for before each call; undefined for nobody in particular */
export function createApi(url: string, token: () => Promise<string | undefined> = async () => undefined): Api {
  const client = createTRPCClient({
    links: [
      httpLink({
        url: `${url}/trpc`,
        async headers({ op }) {
          const bearer = await token()
          return {
            prefer: 'wait=10', // as long as may be, so that a change is seldom answered by a receipt
            ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
            ...(op.context.headers as Record<string, string> | undefined),
          }
        },
        fetch: (input, init) => fetchJson(url, input, init as RequestInit),
      }),
    ],
  })
  return client as unknown as Api
}

/** Options of a call that sends these headers. */
export const sending = (headers: Readonly<Record<string, string>>) => ({ context: { headers } })

/** @throws Unreachable where nobody answers, WrongAnswer where what answers is no API */
async function fetchJson(url: string, input: RequestInfo | URL, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const response = await fetch(input, { ...init, signal }).catch((error: unknown) => {
    throw new Unreachable(url, error)
  })
  if (/\bjson\b/.test(response.headers.get('content-type') ?? '')) return response
  await response.body?.cancel()
  throw new WrongAnswer(`${url} answered ${response.status} without JSON; it is not Trefoil that answers there.`)
}

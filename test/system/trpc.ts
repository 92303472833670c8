import { createTRPCClient, httpLink, type TRPCClient } from '@trpc/client'
import type { RouterOf } from '../../platform/contract/router-type.ts'
import type { contracts } from '../../services/catalog.ts'
import type { Caller } from './client.ts'

type Contracts = typeof contracts

/** All services behind one address, typed by their contracts. */
export type Trpc = { [Name in keyof Contracts & string]: TRPCClient<RouterOf<Name, Contracts[Name]>>[Name] }

/** Headers for a call come in its context: `{ context: { headers } }`. */
export function createTrpc({ url, token }: Caller): Trpc {
  const client = createTRPCClient({
    links: [
      httpLink({
        url: `${url}/trpc`,
        headers: ({ op }) => ({
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(op.context.headers as Record<string, string> | undefined),
        }),
      }),
    ],
  })
  return client as unknown as Trpc
}

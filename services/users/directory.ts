import type { Context } from '../../platform/context.ts'
import type { RouterOf } from '../../platform/contract/router-type.ts'
import { answerOrNull, peer } from '../../platform/peer.ts'
import type { Reads } from '../../platform/reads/reads.ts'
import type { Queryable } from '../../platform/sql/port.ts'
import type { users } from './contract.ts'
import { userQueries } from './queries.ts'

/** Where other services find users, by id or username; null where there is none. */
export interface UserDirectory {
  find(reference: string, ctx: Context): Promise<{ id: string; username: string } | null>
}

/** In the same process, or on the same stores: the same look-up without a socket. */
export function localUsers(sql: Queryable, reads: Reads): UserDirectory {
  const queries = userQueries(sql, reads)
  return { find: async (reference) => (await queries.find(reference)) ?? null }
}

/** Asks the users service, as the caller. */
export function remoteUsers(url: string): UserDirectory {
  const client = peer<RouterOf<'users', typeof users>>(url)
  return { find: (reference, ctx) => answerOrNull(client(ctx).users.byId.query({ id: reference }), 'user.not_found') }
}

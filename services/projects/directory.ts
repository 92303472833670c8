import type { Context } from '../../platform/context.ts'
import type { RouterOf } from '../../platform/contract/router-type.ts'
import { asked, peer } from '../../platform/peer.ts'
import type { Reads } from '../../platform/reads/reads.ts'
import type { Queryable } from '../../platform/sql/port.ts'
import type { projects } from './contract.ts'
import { projectQueries } from './queries.ts'
import type { Project } from './schema.ts'

/** Where other services find projects, by id, number, key or name; null where there is none. */
export interface ProjectDirectory {
  find(reference: string, ctx: Context): Promise<Project | null>
  /** Those that the caller is a member of. */
  mine(ctx: Context): Promise<readonly Project[]>
}

/** In the same process, or on the same stores: the same look-up without a socket. Who may see it is for the caller to judge. */
export function localProjects(sql: Queryable, reads: Reads): ProjectDirectory {
  const queries = projectQueries(sql, reads)
  return {
    find: async (reference) => (await queries.find(reference)) ?? null,
    mine: async (ctx) => everyPage((cursor) => queries.list({ ...page, ...cursor }, ctx.actor!.id)),
  }
}

/** Asks the projects service, as the caller: what the caller may not see is null. */
export function remoteProjects(url: string): ProjectDirectory {
  const client = peer<RouterOf<'projects', typeof projects>>(url)
  return {
    find: (reference, ctx) => asked(client(ctx).projects.byId.query({ id: reference }), 'project.not_found'),
    mine: (ctx) => everyPage((cursor) => client(ctx).projects.list.query({ ...page, ...cursor, mine: true })),
  }
}

const page = { limit: 100, sort: '-createdAt' } as const

async function everyPage(
  load: (cursor: { cursor?: string }) => Promise<{ items: Project[]; nextCursor: string | null }>,
): Promise<Project[]> {
  const all: Project[] = []
  let cursor: string | null = null
  do {
    const { items, nextCursor }: { items: Project[]; nextCursor: string | null } = await load(cursor ? { cursor } : {})
    all.push(...items)
    cursor = nextCursor
  } while (cursor)
  return all
}

import type { Context } from '../../platform/context.ts'
import type { RouterOf } from '../../platform/contract/router-type.ts'
import { isId } from '../../platform/ids.ts'
import { answerOrNull, peer } from '../../platform/peer.ts'
import type { Reads } from '../../platform/reads/reads.ts'
import type { Queryable } from '../../platform/sql/port.ts'
import type { projects } from './contract.ts'
import { cachedProjects, projectQueries } from './queries.ts'
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

/** From the cache, by id; on a miss the projects service is asked, as the caller: what the caller may not see is null. */
export function remoteProjects(url: string, reads: Reads): ProjectDirectory {
  const client = peer<RouterOf<'projects', typeof projects>>(url)
  const cached = reads.cached(cachedProjects)
  return {
    async find(reference, ctx) {
      const found = isId(reference) ? await cached.one(reference.toLowerCase()) : undefined
      if (found !== undefined) return found
      return answerOrNull(client(ctx).projects.byId.query({ id: reference }), 'project.not_found')
    },
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

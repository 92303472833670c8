import type { z } from 'zod'
import { canonicalJson } from '../../platform/commands/canonical.ts'
import { isId } from '../../platform/ids.ts'
import { partitionOf } from '../../platform/log/partition.ts'
import { type Page, parseCursor, toPage } from '../../platform/reads/cursor.ts'
import type { EntitySource, Reads } from '../../platform/reads/reads.ts'
import { likeAny, pageStatement } from '../../platform/sql/page.ts'
import type { Queryable } from '../../platform/sql/port.ts'
import { fold, likeMask } from '../../platform/text.ts'
import type { List, StoredProject } from './schema.ts'

/** What a caller may see is for the caller to judge: `list` alone keeps to what `member` is a member of. */
export interface ProjectQueries {
  /** By id, number, key or name; undefined where there is none, or it was removed. */
  find(reference: string): Promise<StoredProject | undefined>
  byName(name: string): Promise<StoredProject | undefined>
  byKey(key: string): Promise<StoredProject | undefined>
  /** @param member whose projects; all of them where it is null */
  list(asked: Asked, member: string | null): Promise<Page<StoredProject>>
  /** Those of the folded names and keys that another project than this one holds, be it as its name or as its key. */
  taken(handles: readonly string[], but: string): Promise<ReadonlySet<string>>
}

type Asked = Omit<z.output<typeof List>, 'mine'>

/** Of the column, and of the sequence. */
const MAX_NUMBER = 2 ** 31 - 1

export function projectQueries(sql: Queryable, reads: Reads): ProjectQueries {
  const reader = reads.entity(projectSource(sql))
  const list = <T>(asked: unknown, load: () => Promise<T>) => reads.list('projects', 'all', canonicalJson(asked), load)

  async function by(what: Lookup, value: string | number): Promise<StoredProject | undefined> {
    const id = await list({ [what]: value }, () => loadId(sql, what, value))
    return id === null ? undefined : reader.one(id)
  }

  return {
    async find(reference) {
      if (isId(reference)) return reader.one(reference.toLowerCase())
      if (!/^\d+$/.test(reference)) return by('handle', fold(reference))
      return Number(reference) <= MAX_NUMBER ? by('number', Number(reference)) : undefined
    },
    byName: (name) => by('name', fold(name)),
    byKey: (key) => by('key', fold(key)),
    list: (asked, member) => list({ ...asked, member }, () => loadPage(sql, asked, member)),
    taken: (handles, but) => loadTaken(sql, handles, but),
  }
}

/** As others have them in the cache, too. */
export const cachedProjects: Pick<EntitySource<StoredProject>, 'kind' | 'partition'> = {
  kind: 'project',
  partition: ({ id }) => partitionOf(id),
}

const projectSource = (sql: Queryable): EntitySource<StoredProject> => ({
  ...cachedProjects,
  async load(id) {
    const [row] = await sql.query<ProjectRow>('SELECT data FROM projects WHERE id = $1', [id], 'project-by-id')
    return row?.data
  },
})

type ProjectRow = { data: StoredProject }

const lookups = {
  number: 'number = $1',
  name: 'name_key = $1',
  key: 'key_key = $1',
  handle: '(name_key = $1 OR key_key = $1)',
} as const
type Lookup = keyof typeof lookups

/** Null and not undefined: what is cached is JSON. */
async function loadId(sql: Queryable, what: Lookup, value: string | number): Promise<string | null> {
  const statement = `SELECT id FROM projects WHERE ${lookups[what]} AND NOT deleted`
  const [row] = await sql.query<{ id: string }>(statement, [value], `project-by-${what}`)
  return row?.id ?? null
}

async function loadTaken(sql: Queryable, handles: readonly string[], but: string): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ handle: string }>(
    `SELECT name_key AS handle FROM projects WHERE name_key = ANY($1::text[]) AND id <> $2
      UNION SELECT key_key FROM projects WHERE key_key = ANY($1::text[]) AND id <> $2`,
    [handles, but],
    'project-handles',
  )
  return new Set(rows.map(({ handle }) => handle))
}

const sorts = {
  '-createdAt': { column: 'created_at', key: 'createdAt', descending: true },
  createdAt: { column: 'created_at', key: 'createdAt', descending: false },
  name: { column: 'name_key', key: 'nameKey', descending: false },
  '-name': { column: 'name_key', key: 'nameKey', descending: true },
} as const

async function loadPage(sql: Queryable, asked: Asked, member: string | null): Promise<Page<StoredProject>> {
  const { limit, cursor, ...filters } = asked
  const list = canonicalJson({ projects: filters, member })
  const { key, column, descending } = sorts[asked.sort]
  const { text, params } = pageStatement({
    table: 'projects',
    where: (param) => [
      'NOT deleted',
      member !== null && `member_ids ? ${param(member)}`,
      asked.archived !== undefined && `archived = ${param(asked.archived)}`,
      asked.q && likeAny(['name_key', 'key_key'], param(likeMask(asked.q))),
    ],
    sort: { column, descending },
    from: cursor === undefined ? undefined : parseCursor(list, cursor),
    limit: limit + 1,
  })
  const rows = await sql.query<ProjectRow>(text, params)
  return toPage(rows, { list, limit, place: ({ data }) => [data[key], data.id], item: ({ data }) => data })
}

import type { z } from 'zod'
import { canonicalJson } from '../../platform/commands/canonical.ts'
import { isId } from '../../platform/ids.ts'
import { partitionOf } from '../../platform/log/partition.ts'
import { type Page, parseCursor, toPage } from '../../platform/reads/cursor.ts'
import type { EntitySource, Reads } from '../../platform/reads/reads.ts'
import { likeAny, pageStatement } from '../../platform/sql/page.ts'
import type { Queryable } from '../../platform/sql/port.ts'
import { fold, likeMask } from '../../platform/text.ts'
import type { List, StoredUser } from './schema.ts'

export interface UserQueries {
  /** By id or username; undefined where there is none, or it was removed. */
  find(reference: string): Promise<StoredUser | undefined>
  byUsername(username: string): Promise<StoredUser | undefined>
  list(asked: z.output<typeof List>): Promise<Page<StoredUser>>
  /** The code that refuses names which somebody else than this user holds. */
  taken(names: { usernameKey?: string; emailKey?: string }, but: string): Promise<string | undefined>
}

export function userQueries(sql: Queryable, reads: Reads): UserQueries {
  const reader = reads.entity(userSource(sql))
  const list = <T>(asked: unknown, load: () => Promise<T>) => reads.list('users', 'all', canonicalJson(asked), load)

  async function byUsername(username: string): Promise<StoredUser | undefined> {
    const key = fold(username)
    const id = await list({ username: key }, () => loadId(sql, key))
    return id === null ? undefined : reader.one(id)
  }

  return {
    find: (reference) => (isId(reference) ? reader.one(reference.toLowerCase()) : byUsername(reference)),
    byUsername,
    list: (asked) => list(asked, () => loadPage(sql, asked)),
    taken: (names, but) => loadTaken(sql, names, but),
  }
}

const userSource = (sql: Queryable): EntitySource<StoredUser> => ({
  kind: 'user',
  partition: ({ id }) => partitionOf(id),
  async load(id) {
    const [row] = await sql.query<UserRow>('SELECT data FROM users WHERE id = $1', [id], 'user-by-id')
    return row?.data
  },
})

type UserRow = { data: StoredUser }

/** Null and not undefined: what is cached is JSON. */
async function loadId(sql: Queryable, key: string): Promise<string | null> {
  const [row] = await sql.query<{ id: string }>(
    'SELECT id FROM users WHERE username_key = $1',
    [key],
    'user-by-username',
  )
  return row?.id ?? null
}

async function loadTaken(
  sql: Queryable,
  { usernameKey = null, emailKey = null }: { usernameKey?: string | null; emailKey?: string | null },
  but: string,
): Promise<string | undefined> {
  const rows = await sql.query<{ username: boolean | null }>(
    'SELECT username_key = $1 AS username FROM users WHERE (username_key = $1 OR email_key = $2) AND id <> $3',
    [usernameKey, emailKey, but],
    'user-taken',
  )
  if (rows.length === 0) return undefined
  return rows.some(({ username }) => username) ? 'user.username_taken' : 'user.email_taken'
}

/** A removed user has no name any more, and is found by id alone: an index is of no use there, and NULL has no place in an order. */
const NAME = "coalesce(username_key, '')"

const sorts = {
  '-createdAt': { column: 'created_at', key: 'createdAt', descending: true },
  createdAt: { column: 'created_at', key: 'createdAt', descending: false },
  username: { column: 'username_key', key: 'usernameKey', descending: false },
  '-username': { column: 'username_key', key: 'usernameKey', descending: true },
} as const

async function loadPage(sql: Queryable, { limit, cursor, ...asked }: z.output<typeof List>): Promise<Page<StoredUser>> {
  const list = canonicalJson({ users: asked })
  const { key, column, descending } = sorts[asked.sort]
  const { text, params } = pageStatement({
    table: 'users',
    where: (param) => [
      asked.id ? `id = ANY(${param(asked.id)}::uuid[])` : 'NOT deleted',
      asked.role && `role = ${param(asked.role)}`,
      asked.q && likeAny(['username_key', 'full_name_key'], param(likeMask(asked.q))),
    ],
    sort: { column: asked.id && column === 'username_key' ? NAME : column, descending },
    from: cursor === undefined ? undefined : parseCursor(list, cursor),
    limit: limit + 1,
  })
  const rows = await sql.query<UserRow>(text, params)
  return toPage(rows, { list, limit, place: ({ data }) => [data[key], data.id], item: ({ data }) => data })
}

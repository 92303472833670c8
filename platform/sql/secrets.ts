import { z } from 'zod'
import { openJournal } from '../data-dir/journal.ts'
import { parsedJson } from '../json.ts'
import type { Queryable, Sql } from './port.ts'

/** A table whose rows are on no log: passwords, sessions, keys. */
export interface SecretTable {
  table: string
  /** The column that tells its rows apart, and its type. */
  key: string
  type: 'text' | 'uuid' | 'bytea'
  /** Condition of the rows that are kept; all by default. */
  only?: string
}

/**
 * A copy of such rows beside the embedded database, which never syncs: after a power cut all else is made again from the log.
 * Whoever changes a row keeps it before anybody is told, so what was told outlives the cut: who was logged in still is, and
 * what was revoked stays so.
 */
export interface Secrets {
  /** Resolves once these rows (by key), or all of the table, are on disk as the database has them now. */
  keep(table: string, keys?: readonly (string | Uint8Array)[]): Promise<void>
  /** Begins the copy anew: rows that are gone do not stay in it. */
  compact(): Promise<void>
  close(): Promise<void>
}

/** Where Postgres is a real one, which syncs what it commits. */
export const unkept: Secrets = { keep: async () => {}, compact: async () => {}, close: async () => {} }

export interface SecretsOptions {
  path: string
  /** Referred to before those that refer to them. */
  tables: readonly SecretTable[]
}

/** Puts back what the database has lost. What it still has is as new as the copy, or newer. */
export async function openSecrets(sql: Sql, { path, tables }: SecretsOptions): Promise<Secrets> {
  const journal = await openJournal(path)
  const secrets: Secrets = {
    keep: (name, keys) => journal.append(() => linesOf(sql, find(tables, name), keys)),
    compact: () => journal.rewrite(async () => (await Promise.all(tables.map((one) => linesOf(sql, one)))).flat()),
    close: () => journal.close(),
  }
  try {
    await restore(sql, tables, lastOf(journal.lines, { path, tables }))
    await secrets.compact()
    return secrets
  } catch (error) {
    await secrets.close()
    throw error
  }
}

const Line = z.object({ table: z.string(), row: z.record(z.string(), z.unknown()) })
type Row = z.infer<typeof Line>['row']

async function linesOf(sql: Queryable, { table, key, type, only = 'true' }: SecretTable, keys?: readonly unknown[]) {
  const chosen = keys ? `AND ${key} = ANY($1::${type}[])` : ''
  const rows = await sql.query<{ row: Row }>(
    `SELECT to_jsonb(${table}) AS row FROM ${table} WHERE (${only}) ${chosen} ORDER BY ${key}`,
    keys ? [keys] : [],
  )
  return rows.map(({ row }) => JSON.stringify({ table, row } satisfies z.infer<typeof Line>))
}

/** By table: each row as it was kept last. */
function lastOf(lines: readonly string[], { path, tables }: SecretsOptions): Map<string, Map<string, Row>> {
  const last = new Map(tables.map(({ table }) => [table, new Map<string, Row>()]))
  for (const line of lines) {
    const { success, data } = Line.safeParse(parsedJson(line))
    const of = success && tables.find(({ table }) => table === data.table)
    const key = of && data.row[of.key]
    if (!of || typeof key !== 'string') {
      throw new Error(
        `${path} is damaged; restore it from a backup, or move it away: passwords and sessions may be lost then.`,
      )
    }
    last.get(of.table)?.set(key, data.row)
  }
  return last
}

async function restore(sql: Sql, tables: readonly SecretTable[], kept: ReadonlyMap<string, Map<string, Row>>) {
  await sql.transaction(async (tx) => {
    for (const { table, only = 'true' } of tables) {
      const rows = [...(kept.get(table)?.values() ?? [])]
      if (rows.length === 0) continue
      await tx.query(
        `INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)
          WHERE ${only} ON CONFLICT DO NOTHING`,
        [JSON.stringify(rows)],
      )
    }
  })
}

function find(tables: readonly SecretTable[], name: string): SecretTable {
  const found = tables.find(({ table }) => table === name)
  if (!found) throw new Error(`${name} is no table of secrets`)
  return found
}

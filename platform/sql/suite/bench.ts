import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import type { Sql } from '../port.ts'

/** An adapter opened for a suite, and what its tests share. */
export interface Bench {
  sql: Sql
  /** Makes a table of its own for each test, and says its name. */
  table(columns: string): Promise<string>
  value(expression: string, ...params: unknown[]): Promise<unknown>
  count(from: string): Promise<unknown>
}

export interface Opened {
  sql: Sql
  dispose(): Promise<void>
}

export function openBench(open: () => Promise<Opened>): Bench {
  let opened: Opened | undefined
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened?.dispose())

  // Tests are written down before anything is open.
  const sql: Sql = {
    query: (...args) => now().query(...args),
    transaction: (work) => now().transaction(work),
    script: (text) => now().script(text),
    close: () => now().close(),
  }
  function now(): Sql {
    if (!opened) throw new Error('not open yet')
    return opened.sql
  }

  return {
    sql,
    async table(columns) {
      const name = tableName()
      await sql.script(`CREATE TABLE ${name} (${columns})`)
      return name
    },
    async value(expression, ...params) {
      const rows = await sql.query(`SELECT ${expression} AS value`, params)
      return rows[0]?.value
    },
    async count(from) {
      return (await sql.query(`SELECT count(*) FROM ${from}`))[0]?.count
    },
  }
}

export function tableName(): string {
  return `t_${randomBytes(6).toString('hex')}`
}

/** Something to wait for. */
export function latch(): { opened: Promise<void>; open(): void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

import { describe, expect, test } from 'vitest'
import { SqlError } from '../port.ts'
import { type Bench, tableName } from './bench.ts'

/** Statements, their errors, and scripts. */
export function statementsSuite(bench: Bench) {
  const { sql, table, value, count } = bench
  describe('statements', () => {
    test('unnest of parallel arrays writes many rows at once, guarded by version', async () => {
      const users = await table('id text PRIMARY KEY, version bigint NOT NULL, data jsonb, active bool')
      const upsert = (ids: string[], versions: number[], data: unknown[], active: (boolean | null)[]) =>
        sql.query<{ id: string }>(
          `INSERT INTO ${users} (id, version, data, active)
           SELECT * FROM unnest($1::text[], $2::bigint[], $3::jsonb[], $4::bool[])
           ON CONFLICT (id) DO UPDATE SET version = excluded.version, data = excluded.data, active = excluded.active
            WHERE ${users}.version < excluded.version RETURNING id`,
          [ids, versions, data, active],
        )
      await upsert(['a', 'b', 'ё'], [1, 2, 1], [{ n: 1 }, '{"n":2}', null], [true, false, null])
      const written = await upsert(['a', 'b'], [2, 2], [{ n: 10 }, { n: 20 }], [null, null])
      expect(written).toEqual([{ id: 'a' }])
      expect(await sql.query(`SELECT * FROM ${users} ORDER BY id`)).toEqual([
        { id: 'a', version: 2, data: { n: 10 }, active: null },
        { id: 'b', version: 2, data: { n: 2 }, active: false },
        { id: 'ё', version: 1, data: null, active: null },
      ])
    })

    test('a statement that returns nothing gives no rows', async () => {
      const things = await table('id int')
      expect(await sql.query(`INSERT INTO ${things} VALUES ($1)`, [1])).toEqual([])
      expect(await sql.query(`SELECT * FROM ${things} WHERE id = 2`)).toEqual([])
    })

    test('a named statement may be run again with other parameters', async () => {
      const double = (n: number) => sql.query<{ n: number }>('SELECT $1::int * 2 AS n', [n], 'suite_double')
      expect([await double(1), await double(2), await double(3)]).toEqual([[{ n: 2 }], [{ n: 4 }], [{ n: 6 }]])
    })

    test('two statements in one query are refused', async () => {
      await expect(sql.query('SELECT 1; SELECT 2')).rejects.toMatchObject({ code: '42601' })
    })
  })

  describe('errors', () => {
    test('a unique violation names its constraint', async () => {
      const users = await table('id int, CONSTRAINT suite_unique UNIQUE (id)')
      await sql.query(`INSERT INTO ${users} VALUES (1)`)
      const error = await sql.query(`INSERT INTO ${users} VALUES (1)`).catch((thrown) => thrown)
      expect(error).toBeInstanceOf(SqlError)
      expect(error).toMatchObject({ code: '23505', constraint: 'suite_unique', unavailable: false })
    })

    test.each([
      ['42P01', 'SELECT * FROM no_such_table', []],
      ['22P02', 'SELECT $1::int', ['x']],
      ['22P02', 'SELECT $1::jsonb', ['{']],
      ['22P02', 'SELECT $1::bool', ['maybe']],
      ['22021', 'SELECT $1::text', ['a\0b']],
      ['42601', 'SELEKT 1', []],
      ['08P01', 'SELECT $1::int, $2::int', [1]],
    ])('%s from %s', async (code, text, params) => {
      const error = await sql.query(text, params).catch((thrown) => thrown)
      expect(error).toBeInstanceOf(SqlError)
      expect(error).toMatchObject({ code, unavailable: false })
      expect(await value('1')).toBe(1)
    })

    test('an error does not carry the parameters along', async () => {
      const error = await sql.query('SELECT $1::text, $2::int', ['hunter2', 'x']).catch((thrown) => thrown)
      expect(JSON.stringify([error, error.cause])).not.toContain('hunter2')
    })
  })

  describe('script', () => {
    test('runs several statements', async () => {
      const name = tableName()
      await sql.script(`CREATE TABLE ${name} (id int); INSERT INTO ${name} VALUES (1); INSERT INTO ${name} VALUES (2)`)
      expect(await count(name)).toBe(2)
    })

    test('is one transaction', async () => {
      const name = tableName()
      await expect(sql.script(`CREATE TABLE ${name} (id int); SELECT 1/0`)).rejects.toMatchObject({ code: '22012' })
      await expect(count(name)).rejects.toMatchObject({ code: '42P01' })
    })
  })
}

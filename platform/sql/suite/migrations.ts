import { describe, expect, test } from 'vitest'
import { type Migration, migrate } from '../migrations.ts'
import { type Opened, openBench, tableName } from './bench.ts'

/** Migrations on any adapter; each test uses names of its own in the one table `migrations`. */
export function migrationsSuite(adapter: string, open: () => Promise<Opened>) {
  describe(`migrate on ${adapter}`, () => {
    const { sql, count } = openBench(open)

    function steps(...texts: string[]): Migration[] {
      const service = tableName()
      return texts.map((text, index) => ({ name: `${service}/00${index + 1}_step`, sql: text }))
    }
    const names = (migrations: Migration[]) => migrations.map((migration) => migration.name)

    test('runs each once, in the order of the list, and says which', async () => {
      const list = tableName()
      const migrations = steps(
        `CREATE TABLE ${list} (id int GENERATED ALWAYS AS IDENTITY, step int); INSERT INTO ${list} (step) VALUES (1)`,
        `INSERT INTO ${list} (step) VALUES (2); -- the last line may be a comment`,
      )
      expect(await migrate(sql, migrations.slice(0, 1))).toEqual(names(migrations).slice(0, 1))
      expect(await migrate(sql, migrations)).toEqual(names(migrations).slice(1))
      expect(await migrate(sql, migrations)).toEqual([])
      expect(await sql.query(`SELECT step FROM ${list} ORDER BY id`)).toEqual([{ step: 1 }, { step: 2 }])
    })

    test('starters that come together run each once', async () => {
      const list = tableName()
      const migrations = steps(
        `CREATE TABLE ${list} (step int)`,
        ...[2, 3, 4, 5].map((step) => `INSERT INTO ${list} VALUES (${step})`),
      )
      const applied = await Promise.all(Array.from({ length: 6 }, () => migrate(sql, migrations)))
      expect(applied.flat().sort()).toEqual(names(migrations))
      expect(await sql.query(`SELECT step FROM ${list} ORDER BY step`)).toEqual([2, 3, 4, 5].map((step) => ({ step })))
    })

    test('one that fails leaves nothing behind, and is named; those before it stay', async () => {
      const list = tableName()
      const migrations = steps(`CREATE TABLE ${list} (step int)`, `INSERT INTO ${list} VALUES (1); SELECT 1/0`)
      const failed = migrate(sql, migrations)
      await expect(failed).rejects.toMatchObject({
        message: expect.stringContaining(`${names(migrations)[1]}`),
        code: '22012',
      })
      expect(await count(list)).toBe(0)
      const mended = [
        migrations[0] as Migration,
        { ...(migrations[1] as Migration), sql: `INSERT INTO ${list} VALUES (1)` },
      ]
      expect(await migrate(sql, mended)).toEqual(names(mended).slice(1))
    })

    test('a unique violation within a migration is its failure', async () => {
      const list = tableName()
      const migrations = steps(`CREATE TABLE ${list} (id int PRIMARY KEY); INSERT INTO ${list} VALUES (1), (1)`)
      await expect(migrate(sql, migrations)).rejects.toMatchObject({ code: '23505' })
    })

    test('one that was changed after it had run is named; line ends do not count', async () => {
      const [migration] = steps('SELECT 1;\nSELECT 2') as [Migration]
      await migrate(sql, [migration])
      expect(await migrate(sql, [{ ...migration, sql: 'SELECT 1;\r\nSELECT 2' }])).toEqual([])
      const changed = migrate(sql, [{ ...migration, sql: 'SELECT 1;\nSELECT 3' }])
      await expect(changed).rejects.toThrow(`Migration ${migration.name} was changed after it had run`)
    })

    test('what newer code has run stays', async () => {
      const migrations = steps('SELECT 1', 'SELECT 2')
      await migrate(sql, migrations)
      expect(await migrate(sql, migrations.slice(0, 1))).toEqual([])
      expect(await migrate(sql, migrations)).toEqual([])
    })
  })
}

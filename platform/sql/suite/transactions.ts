import { describe, expect, test } from 'vitest'
import { SqlError } from '../port.ts'
import { type Bench, latch } from './bench.ts'

/** Transactions: all or nothing, one at a time on a connection, never for ever. */
export function transactionsSuite(bench: Bench, idleInTransactionMs: number) {
  const { sql, table, count } = bench
  describe('transaction', () => {
    test('commits what work did, and resolves to what it returned', async () => {
      const things = await table('id int')
      const result = await sql.transaction(async (tx) => {
        await tx.query(`INSERT INTO ${things} VALUES (1)`)
        return (await tx.query(`SELECT count(*) FROM ${things}`))[0]?.count
      })
      expect(result).toBe(1)
      expect(await count(things)).toBe(1)
    })

    test('rolls back when work throws, and throws that', async () => {
      const things = await table('id int')
      const thrown = new Error('changed my mind')
      const outcome = sql.transaction(async (tx) => {
        await tx.query(`INSERT INTO ${things} VALUES (1)`)
        throw thrown
      })
      await expect(outcome).rejects.toBe(thrown)
      expect(await count(things)).toBe(0)
    })

    test('rolls back on a failed statement, and throws its SqlError', async () => {
      const things = await table('id int PRIMARY KEY')
      const outcome = sql.transaction(async (tx) => {
        await tx.query(`INSERT INTO ${things} VALUES (1)`)
        await tx.query(`INSERT INTO ${things} VALUES (1)`)
      })
      await expect(outcome).rejects.toMatchObject({ code: '23505', constraint: `${things}_pkey` })
      expect(await count(things)).toBe(0)
    })

    test('a deferred constraint is judged at the commit', async () => {
      const users = await table('id int, CONSTRAINT suite_deferred UNIQUE (id) DEFERRABLE INITIALLY DEFERRED')
      await sql.query(`INSERT INTO ${users} VALUES (1), (2)`)
      let worked = false
      const outcome = sql.transaction(async (tx) => {
        await tx.query(`UPDATE ${users} SET id = 2 WHERE id = 1`)
        worked = true
      })
      const error = await outcome.catch((thrown) => thrown)
      expect(worked).toBe(true)
      expect(error).toBeInstanceOf(SqlError)
      expect(error).toMatchObject({ code: '23505', constraint: 'suite_deferred' })
      await sql.transaction(async (tx) => {
        await tx.query(`UPDATE ${users} SET id = 3 - id`)
      })
      expect(await sql.query(`SELECT id FROM ${users} ORDER BY id`)).toEqual([{ id: 1 }, { id: 2 }])
    })

    test('work that swallows the error of a statement does not pass for committed', async () => {
      const things = await table('id int')
      const outcome = sql.transaction(async (tx) => {
        await tx.query(`INSERT INTO ${things} VALUES (1)`)
        await tx.query('SELECT 1/0').catch(() => undefined)
      })
      await expect(outcome).rejects.toMatchObject({ code: '25P02' })
      expect(await count(things)).toBe(0)
    })

    test('a savepoint saves what was before it', async () => {
      const things = await table('id int')
      await sql.transaction(async (tx) => {
        await tx.query(`INSERT INTO ${things} VALUES (1)`)
        await tx.query('SAVEPOINT s')
        await tx.query('SELECT 1/0').catch(() => undefined)
        await tx.query('ROLLBACK TO SAVEPOINT s')
      })
      expect(await count(things)).toBe(1)
    })

    test('is READ COMMITTED', async () => {
      expect(await sql.transaction((tx) => tx.query('SHOW transaction_isolation'))).toEqual([
        { transaction_isolation: 'read committed' },
      ])
    })

    test('runs its statements in the order asked for, also when they are not awaited one by one', async () => {
      const things = await table('id int GENERATED ALWAYS AS IDENTITY, n int')
      await sql.transaction(async (tx) => {
        await Promise.all([1, 2, 3, 4, 5].map((n) => tx.query(`INSERT INTO ${things} (n) VALUES ($1)`, [n])))
        void tx.query(`INSERT INTO ${things} (n) VALUES (6)`)
      })
      const rows = await sql.query(`SELECT n FROM ${things} ORDER BY id`)
      expect(rows.map((row) => row.n)).toEqual([1, 2, 3, 4, 5, 6])
    })

    test('drops statements that were waiting for their turn when work threw', async () => {
      const things = await table('id int')
      const outcome = sql.transaction(async (tx) => {
        const writes = [tx.query('SELECT 1/0'), tx.query(`INSERT INTO ${things} VALUES (1)`)]
        await Promise.all(writes)
      })
      await expect(outcome).rejects.toMatchObject({ code: '22012' })
      expect(await count(things)).toBe(0)
    })

    test('refuses statements after its end', async () => {
      const tx = await sql.transaction(async (tx) => ({ tx }))
      await expect(tx.tx.query('SELECT 1')).rejects.toMatchObject({ code: '25P01' })
    })

    test('many at once lose nothing', async () => {
      const counters = await table('id int PRIMARY KEY, n int NOT NULL')
      await sql.query(`INSERT INTO ${counters} VALUES (1, 0)`)
      await Promise.all(
        Array.from({ length: 40 }, () =>
          sql.transaction(async (tx) => {
            const [row] = await tx.query<{ n: number }>(`SELECT n FROM ${counters} WHERE id = 1 FOR UPDATE`)
            await tx.query(`UPDATE ${counters} SET n = $1 WHERE id = 1`, [Number(row?.n) + 1])
          }),
        ),
      )
      expect(await sql.query(`SELECT n FROM ${counters}`)).toEqual([{ n: 40 }])
    })

    test('advisory locks taken in one statement make check and write one step', async () => {
      const names = await table('name text')
      const lock = `SELECT CASE WHEN x THEN pg_advisory_xact_lock(hashtextextended(v, 0))
                                ELSE pg_advisory_xact_lock_shared(hashtextextended(v, 0)) END
                      FROM (SELECT * FROM unnest($1::text[], $2::bool[]) AS k(v, x) ORDER BY v) s`
      const claim = (name: string) =>
        sql.transaction(async (tx) => {
          await tx.query(lock, [
            [name, 'everyone'],
            [true, false],
          ])
          const taken = await tx.query(`SELECT 1 FROM ${names} WHERE name = $1`, [name])
          if (taken.length === 0) await tx.query(`INSERT INTO ${names} VALUES ($1)`, [name])
        })
      await Promise.all(Array.from({ length: 20 }, (_, n) => claim(n % 2 ? 'ivan' : 'maria')))
      expect(await sql.query(`SELECT name FROM ${names} ORDER BY name`)).toEqual([{ name: 'ivan' }, { name: 'maria' }])
    })

    test('does not idle while a statement runs', async () => {
      const rows = await sql.transaction(async (tx) => {
        await tx.query('SELECT pg_sleep(2)')
        return tx.query('SELECT 1 AS n')
      })
      expect(rows).toEqual([{ n: 1 }])
    })

    test('that says so may idle for as long as it needs, and the next one may not', async () => {
      const idle = (ms: number) => new Promise((resolve) => void setTimeout(resolve, ms))
      const rows = await sql.transaction(async (tx) => {
        await tx.query('SET LOCAL idle_in_transaction_session_timeout = 0')
        await idle(2 * idleInTransactionMs)
        return tx.query('SELECT 1 AS n')
      })
      expect(rows).toEqual([{ n: 1 }])
      const next = sql.transaction(async (tx) => {
        await idle(2 * idleInTransactionMs)
        await tx.query('SELECT 1')
      })
      await expect(next).rejects.toMatchObject({ code: '25P03' })
    })

    test('that idles for too long is ended, and stops nobody', async () => {
      const counters = await table('n int')
      await sql.query(`INSERT INTO ${counters} VALUES (0)`)
      const begun = latch()
      const later = latch()
      const forgotten = sql.transaction(async (tx) => {
        await tx.query(`UPDATE ${counters} SET n = 1`)
        begun.open()
        await later.opened
        await tx.query('SELECT 1')
      })
      forgotten.catch(() => undefined)
      await begun.opened
      await sql.query(`UPDATE ${counters} SET n = n + 10`) // has to wait until the other one is ended
      later.open()
      await expect(forgotten).rejects.toMatchObject({ code: '25P03' })
      expect(await sql.query(`SELECT n FROM ${counters}`)).toEqual([{ n: 10 }])
    })
  })
}

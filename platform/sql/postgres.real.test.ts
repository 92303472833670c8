import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openTcpProxy } from '../../test/tcp-proxy.ts'
import { SqlError } from './port.ts'
import { openPostgres, type PostgresOptions } from './postgres.ts'
import { scratchDatabase } from './scratch.testing.ts'
import { sqlSuite } from './suite.ts'

const server = process.env.DATABASE_URL
if (!server) throw new Error('DATABASE_URL is not set')

async function open(options: Partial<PostgresOptions> = {}) {
  const database = await scratchDatabase(server as string)
  const sql = openPostgres({ ...options, url: database.url })
  return {
    sql,
    async dispose() {
      await sql.close()
      await database.drop()
    },
  }
}

sqlSuite('Postgres', open)

describe('postgres', () => {
  let database: Awaited<ReturnType<typeof scratchDatabase>>
  beforeAll(async () => {
    database = await scratchDatabase(server)
  })
  afterAll(() => database?.drop())

  /** Opens the shared database, through `port` if given, for one test. */
  async function using<T>(
    options: Partial<PostgresOptions> & { port?: number },
    work: (sql: ReturnType<typeof openPostgres>) => Promise<T>,
  ) {
    const url = new URL(database.url)
    if (options.port) url.port = String(options.port)
    const sql = openPostgres({ ...options, url: url.href })
    try {
      return await work(sql)
    } finally {
      await sql.close()
    }
  }

  async function proxy() {
    const url = new URL(database.url)
    return openTcpProxy({ host: url.hostname, port: Number(url.port) })
  }

  test('opens without a server; every call says that it is unavailable', async () => {
    await using({ port: 1 }, async (sql) => {
      for (const call of [sql.query('SELECT 1'), sql.transaction(async () => 1), sql.script('SELECT 1')]) {
        const error = await call.catch((thrown) => thrown)
        expect(error).toBeInstanceOf(SqlError)
        expect(error).toMatchObject({ code: '08006', unavailable: true })
      }
    })
  })

  test('a server that accepts and never answers is given up', async () => {
    const silent = await openTcpProxy()
    try {
      await using({ port: silent.port, connectMs: 200 }, async (sql) => {
        await expect(sql.query('SELECT 1')).rejects.toMatchObject({ code: '08006' })
      })
    } finally {
      await silent.close()
    }
  })

  test('a connection that falls silent is given up and replaced', async () => {
    const between = await proxy()
    try {
      await using({ port: between.port, poolSize: 1, statementMs: 1000 }, async (sql) => {
        await sql.query('SELECT 1')
        between.freeze()
        await expect(sql.query('SELECT 1')).rejects.toMatchObject({ code: '08006' })
        expect(await sql.query('SELECT 1 AS n')).toEqual([{ n: 1 }])
      })
    } finally {
      await between.close()
    }
  })

  test('a slow statement is ended by the server, and its connection goes on', async () => {
    await using({ poolSize: 1, statementMs: 1000 }, async (sql) => {
      const before = await sql.query('SELECT pg_backend_pid() AS pid')
      await expect(sql.query('SELECT pg_sleep(30)')).rejects.toMatchObject({ code: '57014' })
      expect(await sql.query('SELECT pg_backend_pid() AS pid')).toEqual(before)
    })
  })

  test('a script may take longer than a statement', async () => {
    await using({ poolSize: 1, statementMs: 1000 }, async (sql) => {
      await sql.script('SELECT pg_sleep(1.2); SELECT pg_sleep(1.2)')
      await expect(sql.query('SELECT pg_sleep(30)')).rejects.toMatchObject({ code: '57014' })
    })
  })

  test('idle connections that break are replaced, and nobody notices', async () => {
    const between = await proxy()
    try {
      await using({ port: between.port, poolSize: 3 }, async (sql) => {
        await Promise.all([1, 2, 3].map(() => sql.query('SELECT pg_sleep(0.05)')))
        between.cut()
        await vi.waitFor(() => expect(between.connections).toBe(0))
        await vi.waitFor(async () => expect(await sql.query('SELECT 1 AS n')).toEqual([{ n: 1 }]))
      })
    } finally {
      await between.close()
    }
  })

  test('a connection that breaks in a transaction is not given to the next', async () => {
    await using({ poolSize: 1 }, async (sql) => {
      const broken = sql.transaction(async (tx) => {
        const [row] = await tx.query('SELECT pg_backend_pid() AS pid')
        await using({ poolSize: 1 }, (other) => other.query('SELECT pg_terminate_backend($1)', [row?.pid]))
        await vi.waitFor(() => expect(tx.query('SELECT 1')).rejects.toThrow())
        await tx.query('SELECT 1')
      })
      await expect(broken).rejects.toMatchObject({ unavailable: true })
      expect(await sql.query('SELECT 1 AS n')).toEqual([{ n: 1 }])
    })
  })

  test('an answer to COMMIT that is lost has its own code, and the commit stands', async () => {
    const between = await proxy()
    try {
      await using({ port: between.port, poolSize: 1 }, async (sql) => {
        await sql.script('CREATE TABLE commits (id int)')
        between.inspect((chunk) => (chunk.includes('COMMIT\0') ? 'drop the answer' : 'pass'))
        const lost = sql.transaction((tx) => tx.query('INSERT INTO commits VALUES (1)'))
        await expect(lost).rejects.toMatchObject({ code: '08007', unavailable: true })
        between.inspect(() => 'pass')
        expect(await sql.query('SELECT id FROM commits')).toEqual([{ id: 1 }])
      })
    } finally {
      await between.close()
    }
  })

  test('who gets no connection in time is told so', async () => {
    await using({ poolSize: 1, connectMs: 2000, idleInTransactionMs: 60_000 }, async (sql) => {
      await sql.transaction(async (tx) => {
        await expect(sql.query('SELECT 1')).rejects.toMatchObject({ code: '53300', unavailable: true })
        await tx.query('SELECT 1')
      })
      expect(await sql.query('SELECT 1 AS n')).toEqual([{ n: 1 }])
    })
  })

  test('the server refusing a login keeps its own code', async () => {
    const url = new URL(database.url)
    url.pathname = '/no_such_database'
    const sql = openPostgres({ url: url.href })
    await expect(sql.query('SELECT 1')).rejects.toMatchObject({ code: '3D000' })
    await sql.close()
  })

  test('a name prepares the statement on the server; one that a migration overtook is prepared anew', async () => {
    await using({ poolSize: 1 }, async (sql) => {
      await sql.script('CREATE TABLE prepared (a int); INSERT INTO prepared VALUES (1)')
      const read = () => sql.query('SELECT * FROM prepared', [], 'read_prepared')
      const session = () => sql.query('SELECT pg_backend_pid() AS pid')
      await read()
      const before = await session()
      expect(await sql.query('SELECT name FROM pg_prepared_statements')).toEqual([{ name: 'read_prepared' }])
      await sql.script('ALTER TABLE prepared ADD b int')
      expect(await read()).toEqual([{ a: 1, b: null }])
      expect(await session()).not.toEqual(before)
      expect(await read()).toEqual([{ a: 1, b: null }])
      expect(await sql.query('SELECT name FROM pg_prepared_statements')).toEqual([{ name: 'read_prepared' }])
    })
  })

  test('a lock waited for shows what its holder committed to the next statement, not to its own', async () => {
    await using({}, async (sql) => {
      await sql.script('CREATE TABLE claimed (name text)')
      const lock = 'SELECT pg_advisory_xact_lock(7)'
      let second: Promise<[unknown, unknown]> | undefined
      await sql.transaction(async (tx) => {
        await tx.query(lock)
        second = sql.transaction(async (other) => {
          const together = await other.query(
            'SELECT (SELECT count(*) FROM claimed) AS seen FROM pg_advisory_xact_lock(7)',
          )
          const after = await other.query('SELECT count(*) AS seen FROM claimed')
          return [together[0]?.seen, after[0]?.seen]
        })
        await vi.waitFor(async () => {
          const waiting = await sql.query(
            `SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
              WHERE d.datname = current_database() AND locktype = 'advisory' AND NOT granted`,
          )
          expect(waiting).toHaveLength(1)
        })
        await tx.query("INSERT INTO claimed VALUES ('ivan')")
      })
      expect(await second).toEqual([0, 1])
    })
  })

  test('sessions are in UTC and carry the name of the application', async () => {
    await using({ applicationName: 'trefoil tasks' }, async (sql) => {
      expect(
        await sql.query("SELECT current_setting('TimeZone') AS zone, current_setting('application_name') AS name"),
      ).toEqual([{ zone: 'UTC', name: 'trefoil tasks' }])
    })
  })
})

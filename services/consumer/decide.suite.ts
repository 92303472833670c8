import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../platform/ids.ts'
import type { Sql } from '../../platform/sql/mod.ts'
import type { StoredUser } from '../users/schema.ts'
import { createDecider, type Decider, OutOfStep } from './decide.ts'
import { entities } from './entities.ts'
import { commandOf, recordsOf, testDatabase, userPayload } from './fixture.testing.ts'
import { NewerSchema } from './items.ts'
import { readProgress, takeOver } from './progress.ts'

/** What deciding promises, over any database that takes the port's SQL. */
export function deciderSuite(name: string, url?: () => string): void {
  describe(`decide (${name})`, () => {
    let database: { sql: Sql; drop(): Promise<void> }
    let sql: Sql
    let decider: Decider
    let partition = -1
    let epoch = 0

    beforeAll(async () => {
      database = await testDatabase(url?.())
      sql = database.sql
      decider = createDecider(sql, entities, 1)
    }, 120_000)
    afterAll(() => database.drop())

    /** Each test has a partition of its own. */
    async function ownPartition(): Promise<void> {
      partition++
      epoch = (await takeOver(sql, partition, Date.now())).epoch
    }
    const decide = (first: number, ...commands: Parameters<typeof recordsOf>[2]) =>
      decider.decide(partition, epoch, recordsOf(partition, first, commands))
    const user = async (id: string) =>
      (await sql.query<{ data: StoredUser }>('SELECT data FROM users WHERE id = $1', [id]))[0]?.data
    const outcomes = async () =>
      (
        await sql.query<{ rejection: string | null }>(
          'SELECT rejection FROM outcomes WHERE partition = $1 ORDER BY position',
          [partition],
        )
      ).map(({ rejection }) => rejection)

    test('a batch is decided in log order, in one transaction with its progress', async () => {
      await ownPartition()
      const id = newId()
      const [batch] = await decide(
        0,
        commandOf('user.create', id, userPayload('anna')),
        commandOf('user.update', id, { fullName: 'Anna', fullNameKey: 'anna' }),
        commandOf('user.create', newId(), userPayload('Anna', { email: 'b@x.org', emailKey: 'b@x.org' })),
      )
      expect(batch).toMatchObject({ first: 0, last: 2 })
      expect(await user(id)).toMatchObject({ version: 2, fullName: 'Anna' })
      expect(await outcomes()).toEqual([null, null, 'user.username_taken'])
      expect((await readProgress(sql, partition)).next).toBe(3)
    })

    test('records that were decided are refused as out of step, and change nothing', async () => {
      await ownPartition()
      const id = newId()
      const create = commandOf('user.create', id, userPayload('boris'))
      await decide(0, create)
      await expect(decide(0, create)).rejects.toThrow(OutOfStep)
      await expect(decide(5, create)).rejects.toThrow(OutOfStep)
      expect(await outcomes()).toEqual([null])
      expect((await user(id))?.version).toBe(1)
    })

    test('a former owner commits nothing', async () => {
      await ownPartition()
      const former = epoch
      epoch = (await takeOver(sql, partition, Date.now())).epoch
      const records = recordsOf(partition, 0, [commandOf('user.create', newId(), userPayload('clara'))])
      await expect(decider.decide(partition, former, records)).rejects.toThrow(OutOfStep)
      expect(await outcomes()).toEqual([])
    })

    test('a name that is given up and taken in one batch is free for the one who takes it', async () => {
      await ownPartition()
      const [a, b] = [newId(), newId()]
      await decide(
        0,
        commandOf('user.create', a, userPayload('dora')),
        commandOf('user.create', b, userPayload('emil')),
      )
      const name = (username: string) => ({ username, usernameKey: username })
      await decide(
        2,
        commandOf('user.update', a, name('dora-old')),
        commandOf('user.update', b, name('dora')),
        commandOf('user.update', a, name('emil')),
      )
      expect(await outcomes()).toEqual([null, null, null, null, null])
      expect((await user(a))?.username).toBe('emil')
      expect((await user(b))?.username).toBe('dora')
    })

    test('a command that comes again has the first outcome, under another input it is refused', async () => {
      await ownPartition()
      const id = newId()
      const create = commandOf('user.create', id, userPayload('fedor'), { keyed: true })
      await decide(0, create, create)
      const [batch] = await decide(2, create, { ...create, hash: 'other' })
      expect(await outcomes()).toEqual([null, null, null, 'idempotency.reused'])
      expect(batch?.decided[0]).toMatchObject({
        version: 1,
        first: false,
        outcome: { repeats: { partition, offset: 0 } },
      })
      expect((await user(id))?.version).toBe(1)
    })

    test('a create whose id exists, but whose outcome is kept no longer, is expired', async () => {
      await ownPartition()
      const id = newId()
      await decide(0, commandOf('user.create', id, userPayload('gleb')))
      await decide(1, commandOf('user.create', id, userPayload('gleb-again', { emailKey: 'x@y.z' }), { keyed: true }))
      expect(await outcomes()).toEqual([null, 'idempotency.expired'])
    })

    test('another version than expected is refused', async () => {
      await ownPartition()
      const id = newId()
      await decide(
        0,
        commandOf('user.create', id, userPayload('hanna')),
        commandOf('user.update', id, { fullName: 'H' }, { expectedVersion: 1 }),
        commandOf('user.update', id, { fullName: 'I' }, { expectedVersion: 1 }),
      )
      expect(await outcomes()).toEqual([null, null, 'version.mismatch'])
    })

    test('a record that is no command is set aside, its neighbours are decided', async () => {
      await ownPartition()
      const ids = [newId(), newId()]
      await decide(
        0,
        commandOf('user.create', ids[0]!, userPayload('igor')),
        '{"not": "a command"}',
        'not even JSON',
        commandOf('user.fly', newId(), {}),
        commandOf('user.create', ids[1]!, userPayload('jana')),
      )
      const failed = 'command.failed'
      expect(await outcomes()).toEqual([null, failed, failed, failed, null])
      expect(await user(ids[1]!)).toMatchObject({ username: 'jana' })
      const letters = await sql.query(
        'SELECT position, reason FROM dead_letters WHERE partition = $1 ORDER BY position',
        [partition],
      )
      expect(letters.map(({ position }) => position)).toEqual([1, 2, 3])
    })

    test('a record that Postgres itself refuses is found among its neighbours and set aside alone', async () => {
      await ownPartition()
      const ids = [newId(), newId(), newId()]
      await decide(
        0,
        commandOf('user.create', ids[0]!, userPayload('kira')),
        commandOf('user.create', ids[1]!, userPayload('lev', { fullName: 'NUL \u0000 in jsonb' })),
        commandOf('user.create', ids[2]!, userPayload('mila')),
      )
      expect(await outcomes()).toEqual([null, 'command.failed', null])
      expect(await user(ids[0]!)).toBeDefined()
      expect(await user(ids[1]!)).toBeUndefined()
      expect(await user(ids[2]!)).toBeDefined()
    })

    test('a command of a newer schema stops the partition and is no poison', async () => {
      await ownPartition()
      const newer = commandOf('user.create', newId(), userPayload('nina'), { schema: 99 })
      await expect(decide(0, newer)).rejects.toThrow(NewerSchema)
      expect(await outcomes()).toEqual([])
    })
  })
}

import process from 'node:process'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Command } from '../../../platform/commands/command.ts'
import { newId } from '../../../platform/ids.ts'
import { PARTITIONS } from '../../../platform/log/port.ts'
import { createChance } from '../../../platform/reads/simulation/chance.testing.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { entities } from '../entities.ts'
import { commandOf, emptied, projectPayload, recordsOf, testDatabase, userPayload } from '../fixture.testing.ts'
import { readProgress, takeOver } from '../ownership/progress.ts'
import { createDecider, type Decider } from './decide.ts'

// Partitions that decide at the same time, each on a connection of its own: what embedded Postgres cannot show.

describe('partitions that decide together', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let sql: Sql
  let decider: Decider
  let epochs: number[]

  beforeAll(async () => {
    database = await testDatabase(process.env.DATABASE_URL, {
      poolSize: PARTITIONS + 2, // one each, and two for those who look on
      connectMs: 60_000,
      statementMs: 60_000, // whoever comes second waits within one
      idleInTransactionMs: 60_000, // whoever is held stands still within one
    })
    sql = database.sql
    decider = createDecider(sql, entities, 1)
  })
  beforeEach(async () => {
    await emptied(sql)
    epochs = await Promise.all(
      Array.from({ length: PARTITIONS }, async (_, p) => (await takeOver(sql, p, Date.now())).epoch),
    )
  })
  afterAll(() => database.drop())

  /** Decides, in a partition, behind what it has; resolves to the codes of the rejections. */
  async function decide(partition: number, commands: readonly Command[], by = decider): Promise<(string | null)[]> {
    const { next } = await readProgress(sql, partition)
    const batches = await by.decide(partition, epochs[partition]!, recordsOf(partition, next, commands))
    return batches.flatMap(({ decided }) => decided.map(({ outcome }) => outcome.rejection?.code ?? null))
  }

  /** A decision that stands still with all its locks and all its writes, before it commits. */
  function held(partition: number, ...commands: Command[]) {
    let reached = () => {}
    let release = () => {}
    const standing = new Promise<void>((resolve) => (reached = resolve))
    const released = new Promise<void>((resolve) => (release = resolve))
    const holding: Sql = {
      ...sql,
      transaction: (work) =>
        sql.transaction(async (tx) => {
          const result = await work(tx)
          reached()
          await released
          return result
        }),
    }
    const decided = decide(partition, commands, createDecider(holding, entities, 1))
    return { standing, decided, release }
  }

  /** How many wait for an advisory lock of this database. */
  const waiting = async () => {
    const [row] = await sql.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE d.datname = current_database() AND locktype = 'advisory' AND NOT granted`,
    )
    return row!.n
  }

  /** The first stands still while the second comes, which has to wait for it. */
  async function inTurn(first: [number, Command], second: [number, Command]): Promise<(string | null)[]> {
    const one = held(...first)
    await one.standing
    const other = decide(second[0], [second[1]])
    await expect.poll(waiting).toBe(1)
    one.release()
    return [...(await one.decided), ...(await other)]
  }

  const person = (name: string, id = newId()) => commandOf('user.create', id, userPayload(name))
  const as = (id: string) => ({ actor: { id, role: 'member' as const } })
  const remove = (id: string) => commandOf('user.remove', id, {})

  test('what the winner committed is seen after the wait for its lock', async () => {
    const second = commandOf('user.create', newId(), userPayload('anna', { emailKey: 'other@x.org' }))
    expect(await inTurn([0, person('anna')], [1, second])).toEqual([null, 'user.username_taken'])
  })

  test('a user who is being removed is made a member of nothing', async () => {
    const [owner, guest, project] = [newId(), newId(), newId()]
    await decide(0, [person('owner', owner), person('guest', guest)])
    await decide(1, [commandOf('project.create', project, projectPayload('P', 'PP'), as(owner))])
    const add = commandOf('project.add_member', project, { user: guest, role: 'member' }, as(owner))
    expect(await inTurn([2, remove(guest)], [1, add])).toEqual([null, 'user.not_found'])
  })

  test('a user who is being made the owner of something is not removed before that is known', async () => {
    const [owner, project] = [newId(), newId()]
    await decide(0, [person('owner', owner)])
    const create = commandOf('project.create', project, projectPayload('P', 'PP'), as(owner))
    expect(await inTurn([1, create], [2, remove(owner)])).toEqual([null, 'user.owns_projects'])
  })

  test('whoever is being removed acts no more', async () => {
    const owner = newId()
    await decide(0, [person('owner', owner)])
    const create = commandOf('project.create', newId(), projectPayload('P', 'PP'), as(owner))
    expect(await inTurn([2, remove(owner)], [1, create])).toEqual([null, 'access.forbidden'])
  })

  test('an admin whose role is being taken away is none for those who come after', async () => {
    const admin = newId()
    await decide(0, [commandOf('user.create', admin, userPayload('admin', { role: 'admin' }))])
    const demote = commandOf('user.update', admin, { role: 'member' })
    const create = commandOf('user.create', newId(), userPayload('made'), { actor: { id: admin, role: 'admin' } })
    expect(await inTurn([0, demote], [1, create])).toEqual([null, 'access.forbidden'])
  })

  test('of two owners who go at the same time one has to stay', async () => {
    const [one, other, project] = [newId(), newId(), newId()]
    await decide(0, [person('one', one), person('other', other)])
    await decide(1, [
      commandOf('project.create', project, projectPayload('P', 'PP'), as(one)),
      commandOf('project.add_member', project, { user: other, role: 'owner' }, as(one)),
    ])
    expect(await inTurn([2, remove(one)], [3, remove(other)])).toEqual([null, 'user.owns_projects'])
  })

  test('a key used in two partitions at once is decided in one of them', async () => {
    const create = commandOf('user.create', newId(), userPayload('keyed'), { keyed: true })
    expect(await inTurn([0, create], [1, create])).toEqual([null, null])
    const rows = await sql.query('SELECT first FROM outcomes ORDER BY partition')
    expect(rows).toEqual([{ first: true }, { first: false }])
  })

  test('those who refer to one user do not wait for each other', async () => {
    const owner = newId()
    await decide(0, [person('owner', owner)])
    const [a, b] = ['A', 'B'].map((name) =>
      commandOf('project.create', newId(), projectPayload(name, `${name}${name}`), as(owner)),
    )
    const one = held(1, a!)
    await one.standing
    expect(await decide(2, [b!])).toEqual([null])
    one.release()
    expect(await one.decided).toEqual([null])
  })

  test('what each must follow onto events is what was committed when it decided', async () => {
    const one = held(0, person('anna'))
    await one.standing
    await decide(1, [person('boris')])
    one.release()
    await one.decided
    await decide(2, [person('clara')])
    const rows = await sql.query<{ partition: number; after: number[] }>(
      'SELECT partition, after FROM outcomes ORDER BY partition',
    )
    expect(rows.map(({ after }) => after.slice(0, 3))).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [1, 1, 0],
    ])
  })

  test('of 200 who want one name at once, over all partitions, one gets it, and none waits for ever', async () => {
    const wanted = Array.from({ length: 200 }, (_, n) =>
      commandOf('user.create', newId(), userPayload('wanted', { emailKey: `${n}@x.org` })),
    )
    const codes = await Promise.all(
      Array.from({ length: PARTITIONS }, async (_, p) => {
        const own = wanted.filter((_, n) => n % PARTITIONS === p)
        return [...(await decide(p, own.slice(0, 8))), ...(await decide(p, own.slice(8)))]
      }),
    )
    expect(codes.flat().filter((code) => code === null)).toHaveLength(1)
    expect(codes.flat().filter((code) => code === 'user.username_taken')).toHaveLength(199)
  })

  test('project numbers are drawn without waiting, unique, and none is refused for them', async () => {
    const owner = newId()
    await decide(0, [person('owner', owner)])
    const create = (n: number) => commandOf('project.create', newId(), projectPayload(`P${n}`, `P${n}`), as(owner))
    const codes = await Promise.all(
      Array.from({ length: PARTITIONS }, (_, p) =>
        decide(
          p,
          Array.from({ length: 10 }, (_, n) => create(p * 10 + n)),
        ),
      ),
    )
    expect(new Set(codes.flat())).toEqual(new Set([null]))
    const [row] = await sql.query('SELECT count(DISTINCT number)::int AS n FROM projects')
    expect(row?.n).toBe(120)
  })

  test.each(Array.from({ length: 10 }, (_, seed) => seed))(
    'names that change hands over all partitions at once: no deadlock, no broken constraint, no name twice (seed %i)',
    async (seed) => {
      const chance = createChance(seed)
      const users = Array.from({ length: PARTITIONS }, () => [newId(), newId(), newId()])
      const name = () => `name${chance.between(0, 12)}`
      await Promise.all(
        users.map((own, p) =>
          decide(
            p,
            own.map((id, n) => person(`first${p}-${n}`, id)),
          ),
        ),
      )
      const rename = (id: string) => {
        const username = name()
        return commandOf('user.update', id, { username, usernameKey: username })
      }
      const codes = await Promise.all(
        users.map(async (own, p) => {
          const all: (string | null)[] = []
          for (let round = 0; round < 5; round++) {
            const commands = Array.from({ length: 6 }, () => rename(own[chance.between(0, 3)]!))
            all.push(...(await decide(p, commands)))
          }
          return all
        }),
      )
      expect(new Set(codes.flat())).toEqual(new Set([null, 'user.username_taken']))
      const [rows] = await sql.query(
        `SELECT count(*)::int AS users, count(DISTINCT username_key)::int AS names FROM users`,
      )
      expect(rows).toEqual({ users: 36, names: 36 })
      expect(await sql.query('SELECT 1 FROM dead_letters')).toEqual([])
    },
  )
})

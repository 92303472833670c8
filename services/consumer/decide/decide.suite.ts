import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Command } from '../../../platform/commands/command.ts'
import type { Rules } from '../../../platform/commands/decide.ts'
import { newId } from '../../../platform/ids.ts'
import { PARTITIONS } from '../../../platform/log/port.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { rules as userRules } from '../../users/rules.ts'
import type { StoredUser } from '../../users/schema.ts'
import { entities } from '../entities.ts'
import { commandOf, projectPayload, recordsOf, taskPayload, testDatabase, userPayload } from '../fixture.testing.ts'
import { readProgress, takeOver } from '../ownership/progress.ts'
import { type Batch, createDecider, type Decider, OutOfStep } from './decide.ts'
import { OUTCOME_BYTES } from './fold.ts'
import { NewerSchema } from './items.ts'
import { DESCENDANTS } from './load.ts'

/** What deciding promises, over any database that takes the port's SQL. */
export function deciderSuite(name: string, url?: () => string): void {
  describe(`decide (${name})`, () => {
    let database: { sql: Sql; drop(): Promise<void> }
    let sql: Sql
    let decider: Decider
    let partition = -1
    let epoch = 0
    /** Names of the statements of the last transactions. */
    let statements: string[] = []
    let lockedBy: [readonly string[], readonly boolean[]] | undefined

    beforeAll(async () => {
      database = await testDatabase(url?.())
      sql = database.sql
      decider = createDecider(watched(sql), entities, 1)
    }, 120_000)
    afterAll(() => database.drop())

    const watched = (inner: Sql): Sql => ({
      ...inner,
      transaction: (work) =>
        inner.transaction((tx) =>
          work({
            query(text, params, name) {
              statements.push(name ?? text)
              if (name === 'batch-lock') lockedBy = params as typeof lockedBy
              return tx.query(text, params, name)
            },
          }),
        ),
    })

    /** Each test begins with a partition at 0. */
    async function ownPartition(): Promise<void> {
      partition = (partition + 1) % PARTITIONS
      await sql.query('DELETE FROM outcomes WHERE partition = $1', [partition])
      await sql.query('DELETE FROM dead_letters WHERE partition = $1', [partition])
      await sql.query('UPDATE consumer_progress SET next_offset = 0 WHERE partition = $1', [partition])
      epoch = (await takeOver(sql, partition, Date.now())).epoch
    }
    const decide = (first: number, ...commands: Parameters<typeof recordsOf>[2]) =>
      decider.decide(partition, epoch, recordsOf(partition, first, commands))
    const user = async (id: string) =>
      (await sql.query<{ data: StoredUser }>('SELECT data FROM users WHERE id = $1', [id]))[0]?.data
    const withUserRules = (decide: Rules['decide']) =>
      createDecider(
        sql,
        entities.map((one) => (one.kind === 'user' ? { ...one, rules: { ...one.rules, decide } } : one)),
        1,
      )
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
        commandOf('user.update', newId(), null),
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

    const newer: [string, () => Command | string][] = [
      ['a payload of a newer schema', () => commandOf('user.create', newId(), userPayload('nina'), { schema: 99 })],
      ['a newer envelope', () => commandOf('user.create', newId(), userPayload('nina'), { v: 2 as never })],
      [
        'a newer envelope, in which things have other names',
        () => JSON.stringify({ v: 2, command: newId(), kind: 'user', verb: 'create' }),
      ],
      ['a newer kind of entity', () => commandOf('comment.create', newId(), {})],
      ['a newer kind of entity, of a newer schema', () => commandOf('comment.create', newId(), {}, { schema: 99 })],
      ...entities.map(({ kind }): [string, () => Command] => [
        `a newer command of a ${kind}`,
        () => commandOf(`${kind}.praise`, newId(), {}),
      ]),
    ]
    test.each(newer)('%s stops the partition, behind those before it, and is no poison', async (_, record) => {
      await ownPartition()
      const good = commandOf('user.create', newId(), userPayload(`before${newId()}`))
      expect(await decide(0, good, record(), 'rubbish')).toMatchObject([{ first: 0, last: 0 }])
      const stopped = decide(1, record(), 'rubbish')
      await expect(stopped).rejects.toThrow(NewerSchema)
      await expect(stopped).rejects.toThrow(/ at \d+:1 .*start a newer version of it/)
      expect(await outcomes()).toEqual([null])
      expect(await sql.query('SELECT 1 FROM dead_letters WHERE partition = $1', [partition])).toEqual([])
    })

    test('what stands before a command of a newer schema is decided', async () => {
      await ownPartition()
      const future = commandOf('user.create', newId(), userPayload('newer'), { schema: 99 })
      const [batch] = await decide(0, commandOf('user.create', newId(), userPayload('nino')), future)
      expect(batch).toMatchObject({ first: 0, last: 0 })
      expect((await readProgress(sql, partition)).next).toBe(1)
    })

    describe('what is poison', () => {
      const letters = () =>
        sql.query<{ position: number; reason: string; command_id: string | null }>(
          'SELECT position, reason, command_id FROM dead_letters WHERE partition = $1 ORDER BY position',
          [partition],
        )
      const failed = 'command.failed'
      const good = () => commandOf('user.create', newId(), userPayload(`good${newId()}`))

      const broken: [string, () => Command | string][] = [
        ['no JSON', () => '{"'],
        ['JSON that is no object', () => '5'],
        ['null', () => 'null'],
        ['no request id', () => commandOf('user.create', newId(), userPayload('x1'), { request: undefined as never })],
        ['a number as trace', () => commandOf('user.create', newId(), userPayload('x2'), { traceparent: 5 as never })],
        ['an actor that is no id', () => commandOf('user.create', newId(), {}, { actor: { id: 'me', role: 'admin' } })],
        ['no payload', () => commandOf('user.create', newId(), null)],
        ['a payload of another shape', () => commandOf('project.create', newId(), { keys: 5 })],
        ['a type that is none', () => commandOf('sink the ship', newId(), {})],
        ['a version that is none', () => commandOf('user.create', newId(), userPayload('x0'), { v: '2' as never })],
        ['ids that are none', () => commandOf('project.add_member', newId(), { user: 'nobody', role: 'member' })],
        ['NUL in a value to be locked', () => commandOf('user.create', newId(), userPayload('x\u0000y'))],
        ['NUL in what is kept of it', () => commandOf('user.create', newId(), userPayload('x3'), { hash: '\u0000' })],
        ['half a surrogate', () => commandOf('user.create', newId(), userPayload('x4', { fullName: '\ud800' }))],
        [
          'half a surrogate in its envelope',
          () => commandOf('user.create', newId(), userPayload('x5'), { request: '\ud800' }),
        ],
        ['text too long for an index', () => commandOf('user.create', newId(), userPayload(noise(6000)))],
        [
          'an outcome that the log does not take',
          () => commandOf('user.create', newId(), userPayload('x6', { fullName: 'x'.repeat(950_000) })),
        ],
      ]
      const noise = (length: number) => randomBytes(length).toString('base64')

      test.each(broken)('%s is set aside, its neighbours are decided', async (_, record) => {
        await ownPartition()
        await decide(0, good(), record(), good())
        expect(await outcomes()).toEqual([null, failed, null])
        expect((await letters()).map(({ position }) => position)).toEqual([1])
        await decide(3, record())
        expect(await outcomes()).toEqual([null, failed, null, failed])
      })

      test('a command that was decided before keeps its outcome, whatever is wrong with its repetition', async () => {
        await ownPartition()
        const first = good()
        await decide(0, first)
        const [batch] = await decide(1, { ...first, payload: userPayload('nul', { fullName: '\u0000' }) })
        expect(batch?.decided[0]).toMatchObject({ first: false, outcome: { repeats: { partition, offset: 0 } } })
        const [other] = await decide(2, { ...first, payload: userPayload('a\u0000'), hash: 'other' })
        expect(other?.decided[0]).toMatchObject({
          first: false,
          outcome: { rejection: { code: 'idempotency.reused' } },
        })
        expect(await letters()).toEqual([])
      })

      test('one that comes twice is set aside once, and repeated', async () => {
        await ownPartition()
        const poison = commandOf('user.create', newId(), userPayload('twice', { fullName: '\u0000' }))
        await decide(0, poison, poison)
        expect(await outcomes()).toEqual([failed, null])
        expect((await letters()).map(({ position }) => position)).toEqual([0])
      })

      test('what the rules throw at is set aside once, and repeated', async () => {
        await ownPartition()
        const throwing = withUserRules(() => {
          throw new RangeError('too far')
        })
        const command = commandOf('user.create', newId(), userPayload('thrown'))
        await throwing.decide(partition, epoch, recordsOf(partition, 0, [command, command]))
        expect(await outcomes()).toEqual([failed, null])
        expect(await letters()).toMatchObject([{ command_id: command.id, reason: 'the rules threw: too far' }])
      })

      test('a broken unique constraint that nothing foresaw answers its own code, and is no dead letter', async () => {
        await ownPartition()
        const first = commandOf('user.create', newId(), userPayload('unforeseen'))
        await decide(0, first)
        // A row that no command has made: its holder is not found by its name.
        await sql.query(`UPDATE users SET data = jsonb_set(data, '{usernameKey}', '"hidden"') WHERE id = $1`, [
          first.entity,
        ])
        const blind = createDecider(withoutHolders(sql), entities, 1)
        const second = commandOf('user.create', newId(), userPayload('hidden', { emailKey: 'h@x.org' }))
        await blind.decide(
          partition,
          epoch,
          recordsOf(
            partition,
            1,
            [good(), second, good()].map((one, n) => (n === 1 ? second : one)),
          ),
        )
        expect(await outcomes()).toEqual([null, null, 'user.username_taken', null])
        expect(await letters()).toEqual([])
      })

      const withoutHolders = (inner: Sql): Sql => ({
        ...inner,
        transaction: (work) =>
          inner.transaction((tx) =>
            work({
              query: async (text, params, name) => (name === 'load-users-username' ? [] : tx.query(text, params, name)),
            }),
          ),
      })
    })

    describe('a batch costs a handful of statements, whatever its size', () => {
      test('of one command', async () => {
        await ownPartition()
        statements = []
        await decide(0, commandOf('user.create', newId(), userPayload('single')))
        expect(statements.length).toBeLessThanOrEqual(10)
      })

      test('of 500 of every kind, the bad ones among them', async () => {
        await ownPartition()
        const [owner, project] = [newId(), newId()]
        const by = { actor: { id: owner, role: 'member' as const } }
        const inProject = { ...by, root: project }
        const tasks = Array.from({ length: 100 }, () => newId())
        await decide(
          0,
          commandOf('user.create', owner, userPayload('many')),
          commandOf('project.create', project, projectPayload('Many', 'MANY'), by),
          ...tasks.map((task) => commandOf('task.create', task, taskPayload('x'), inProject)),
        )
        const kinds: ((n: number) => Command | string)[] = [
          (n) => commandOf('user.create', newId(), userPayload(`many${n}`)),
          () => commandOf('user.remove', newId(), {}),
          (n) => commandOf('user.update', owner, { fullName: `${n}`, fullNameKey: `${n}` }),
          (n) => commandOf('project.create', newId(), projectPayload(`Many${n}`, `M${n}`), by),
          () => commandOf('project.add_member', project, { user: newId(), role: 'member' }, by),
          (n) => commandOf('task.create', newId(), taskPayload('y', { parentId: tasks[n % 100] }), inProject),
          (n) => commandOf('task.update', tasks[n % 100]!, { parentId: tasks[(n * 7) % 100] }, inProject),
          (n) => commandOf('task.remove', tasks[n % 100]!, {}, inProject),
          () => commandOf('document.create', newId(), { data: {} }, { ...by, root: owner }),
          () => 'rubbish',
        ]
        statements = []
        const batches = await decide(102, ...Array.from({ length: 500 }, (_, n) => kinds[n % kinds.length]!(n)))
        expect(batches).toHaveLength(1)
        expect(statements.length).toBeLessThanOrEqual(30)
        expect(new Set(statements).size).toBe(statements.length)
      })
    })

    describe('a batch ends behind the outcome that fills it', () => {
      /** Somebody, a project and a task of it whose outcomes weigh so much. */
      async function heavyTask(description: string) {
        await ownPartition()
        const [owner, project, task] = [newId(), newId(), newId()]
        const by = { actor: { id: owner, role: 'member' as const } }
        const inProject = { ...by, root: project }
        const name = `heavy${partition}`
        await decide(
          0,
          commandOf('user.create', owner, userPayload(name)),
          commandOf('project.create', project, projectPayload(name, `H${partition}`), by),
          commandOf('task.create', task, taskPayload('heavy', { description }), inProject),
        )
        return (n: number) => commandOf('task.move', task, { state: n % 2 ? 'backlog' : 'todo' }, inProject)
      }
      async function decideAll(first: number, ...commands: Command[]): Promise<Batch[]> {
        const all: Batch[] = []
        for (let left = commands; left.length > 0; left = commands.slice(all.at(-1)!.last + 1 - first)) {
          const batches = await decide(first + commands.length - left.length, ...left)
          expect(batches).toHaveLength(1)
          all.push(...batches)
        }
        return all
      }
      const sum = (sizes: readonly number[]) => sizes.reduce((all, size) => all + size, 0)
      const range = (batches: readonly Batch[]) => batches.flatMap(({ first, last }) => [first, last])

      test('each in one transaction, none judged twice, and the row stands where it ends', async () => {
        const move = await heavyTask('x'.repeat(20_000))
        const [one] = await decide(3, move(0))
        statements = []
        const batches = await decideAll(4, ...Array.from({ length: 120 }, (_, n) => move(n + 1)))
        const each = Math.ceil(OUTCOME_BYTES / one!.size)
        expect(each).toBeGreaterThan(40)
        expect(range(batches)).toEqual([4, 3 + each, 4 + each, 3 + 2 * each, 4 + 2 * each, 123])
        expect(statements.filter((name) => name === 'save-outcomes')).toHaveLength(3)
        expect(statements.filter((name) => name === 'progress-advance')).toHaveLength(5)
        expect(await outcomes()).toEqual(Array(124).fill(null))
        expect((await readProgress(sql, partition)).next).toBe(124)
      })

      test('so hundreds of small commands about a large task pass, whatever folding makes of its text', async () => {
        const move = await heavyTask('\ufdfa'.repeat(20_000)) // folded, it is eighteen times as long
        const count = url ? 500 : 100 // embedded, it takes long
        const moves = Array.from({ length: count }, (_, n) => move(n))
        const batches = await decideAll(3, ...moves)
        expect(sum(batches.map(({ decided }) => decided.length))).toBe(count)
        expect(Math.max(...batches.map(({ size }) => size))).toBeLessThan(2 * OUTCOME_BYTES)
        expect(sum(batches.map(({ size }) => size)) / count).toBeLessThan(100_000)
        expect((await outcomes()).slice(3)).toEqual(Array(count).fill(null))
      }, 60_000)
    })

    describe('locks', () => {
      const locks = (): Record<string, boolean> =>
        Object.fromEntries(lockedBy![0].map((key, index) => [key, lockedBy![1][index]!]))

      test('changed users and unique values alone, those referred to shared; what is both, alone', async () => {
        await ownPartition()
        const [admin, changed, member, project] = [newId(), newId(), newId(), newId()]
        const by = { actor: { id: admin, role: 'admin' as const } }
        await decide(
          0,
          commandOf('user.update', changed, { usernameKey: 'new', username: 'new' }, by),
          commandOf('project.add_member', project, { user: member, role: 'member' }, by),
          commandOf(
            'project.add_member',
            project,
            { user: changed, role: 'member' },
            { ...by, keyed: true, id: newId() },
          ),
        )
        const keyed = Object.keys(locks()).find((key) => key.startsWith('command:'))
        expect(locks()).toEqual({
          [`user:${admin}`]: false,
          [`user:${changed}`]: true,
          [`user:${member}`]: false,
          'username:new': true,
          ownership: false,
          [keyed!]: true,
        })
      })

      test('are taken before anything is loaded, after the row of progress, by a statement of their own', async () => {
        await ownPartition()
        statements = []
        await decide(0, commandOf('user.create', newId(), userPayload('locked')))
        expect(statements.slice(0, 2)).toEqual(['progress-advance', 'batch-lock'])
        expect(statements.filter((one) => one === 'batch-lock')).toHaveLength(1)
      })

      test('none where nothing is touched', async () => {
        await ownPartition()
        statements = []
        await decide(0, 'rubbish')
        expect(statements).not.toContain('batch-lock')
      })
    })

    test('a unique value is judged as the commands before it in the batch have left it', async () => {
      await ownPartition()
      const [a, b, c] = [newId(), newId(), newId()]
      const email = (id: string) => ({ email: `${id}@x.org`, emailKey: `${id}@x.org` })
      await decide(
        0,
        commandOf('user.create', a, userPayload('oleg', email(a))),
        commandOf('user.create', b, userPayload('oleg', email(b))), // taken by a
        commandOf('user.remove', a, {}),
        commandOf('user.create', b, userPayload('oleg', email(b))), // free: a is gone
        commandOf('user.create', c, userPayload('oleg', email(c))), // taken by b
        commandOf('user.update', b, { username: 'oleg2', usernameKey: 'oleg2' }),
        commandOf('user.create', c, userPayload('oleg', email(c))), // free: b has another
        commandOf('user.update', b, { username: 'oleg', usernameKey: 'oleg' }), // taken by c
      )
      const taken = 'user.username_taken'
      expect(await outcomes()).toEqual([null, taken, null, null, taken, null, null, taken])
    })

    test('a project is found by its name and by its key, and neither is given twice', async () => {
      await ownPartition()
      const owner = newId()
      const by = { actor: { id: owner, role: 'member' as const } }
      await decide(
        0,
        commandOf('user.create', owner, userPayload('pavel')),
        commandOf('project.create', newId(), projectPayload('Apollo', 'GEM'), by),
        commandOf('project.create', newId(), projectPayload('gem', 'AA'), by), // its name is another's key
        commandOf('project.create', newId(), projectPayload('Other', 'APOLLO'), by), // its key is another's name
        commandOf('project.create', newId(), { ...projectPayload('Third', 'GEM'), keys: ['GEM', 'GEM2'] }, by),
      )
      expect(await outcomes()).toEqual([null, null, 'project.name_taken', 'project.key_taken', null])
      const numbers = await sql.query<{ number: number; key: string }>(
        `SELECT number, data->>'key' AS key FROM projects WHERE name_key IN ('apollo', 'third') ORDER BY number`,
      )
      expect(numbers.map(({ key }) => key)).toEqual(['GEM', 'GEM2'])
    })

    test('the number of tasks goes on where it was, through batches, refusals and removals', async () => {
      await ownPartition()
      const [owner, project] = [newId(), newId()]
      const by = { actor: { id: owner, role: 'member' as const } }
      const task = (said = {}) => commandOf('task.create', newId(), taskPayload('x', said), { ...by, root: project })
      const gone = task()
      await decide(
        0,
        commandOf('user.create', owner, userPayload('rosa')),
        commandOf('project.create', project, projectPayload('Codes', 'CODE'), by),
        gone,
        task({ parentId: newId() }), // refused
        commandOf('task.remove', gone.entity, {}, { ...by, root: project }),
        task(),
      )
      await decide(6, task(), task())
      const codes = await sql.query<{ code: string }>(
        `SELECT data->>'code' AS code FROM tasks WHERE project_id = $1 ORDER BY number`,
        [project],
      )
      expect(codes.map(({ code }) => code)).toEqual(['CODE-1', 'CODE-2', 'CODE-3', 'CODE-4'])
      const [row] = await sql.query('SELECT version, task_counter FROM projects WHERE id = $1', [project])
      expect(row).toEqual({ version: 1, task_counter: 4 })
    })

    test('a key used in another partition has the outcome that it had there', async () => {
      await ownPartition()
      const create = commandOf('user.create', newId(), userPayload('sofia'), { keyed: true })
      const there = partition
      await decide(0, create)
      await ownPartition()
      const [batch] = await decide(0, create, { ...create, hash: 'other', entity: newId() })
      expect(batch?.decided.map(({ outcome }) => outcome.repeats ?? outcome.rejection?.code)).toEqual([
        { partition: there, offset: 0 },
        'idempotency.reused',
      ])
    })

    describe('a tree of tasks', () => {
      const [owner, project] = [newId(), newId()]
      const by = { actor: { id: owner, role: 'member' as const } }
      const inProject = { ...by, root: project }
      /** A task as Postgres has it. */
      const plant = (id: string, parentId: string | null, number: number) => ({
        ...{ id, version: 1, projectId: project, number, code: `T-${number}`, ...taskPayload('x'), parentId },
        ...{ createdBy: owner, search: '', priorityKey: '2', dueKey: '~', createdAt: '', updatedAt: '' },
      })

      test('is loaded below several tasks at once, as far as the bound, and no further', async () => {
        await ownPartition()
        await decide(
          0,
          commandOf('user.create', owner, userPayload('tamara')),
          commandOf('project.create', project, projectPayload('Tree', 'TREE'), by),
        )
        const [large, small, leaf, parent] = [newId(), newId(), newId(), newId()]
        const planted = [
          ...[large, small, leaf, parent].map((id, n) => plant(id, null, n + 1)),
          plant(newId(), small, 5),
          ...Array.from({ length: DESCENDANTS + 5 }, (_, n) => plant(newId(), large, 6 + n)),
        ]
        await sql.query(
          'INSERT INTO tasks (id, version, data) SELECT id, 1, data FROM unnest($1::uuid[], $2::jsonb[]) AS t(id, data)',
          [planted.map(({ id }) => id), planted],
        )
        await decide(
          2,
          commandOf('task.update', large, { parentId: parent }, inProject),
          commandOf('task.update', small, { parentId: parent }, inProject),
          commandOf('task.remove', small, {}, inProject),
          commandOf('task.remove', leaf, {}, inProject),
        )
        expect((await outcomes()).slice(2)).toEqual(['task.too_large', null, 'task.has_subtasks', null])
      })
    })

    test('rules that make a version out of turn are found out', async () => {
      await ownPartition()
      const skipping = withUserRules((command, world) => {
        const decision = userRules.decide(command, world)
        if ('rejection' in decision) return decision
        return { events: decision.events.map((event) => ({ ...event, version: event.version + 1 })) }
      })
      const records = recordsOf(partition, 0, [commandOf('user.create', newId(), userPayload('ulla'))])
      await skipping.decide(partition, epoch, records)
      expect(await outcomes()).toEqual(['command.failed'])
    })
  })
}

import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Command } from '../../../../platform/commands/command.ts'
import { newId } from '../../../../platform/ids.ts'
import type { Sql } from '../../../../platform/sql/port.ts'
import { entities } from '../../entities.ts'
import { commandOf, recordsOf, userPayload } from '../../fixture.testing.ts'
import { createDecider } from '../decide.ts'
import type { DeciderBench } from './bench.ts'

/** What cannot be decided is set aside, and nothing beside it. */
export function setsPoisonAside(bench: DeciderBench): void {
  const { decide, outcomes, ownPartition, user, withUserRules } = bench

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
    const letters = await bench.sql.query(
      'SELECT position, reason FROM dead_letters WHERE partition = $1 ORDER BY position',
      [bench.partition],
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

  describe('what is poison', () => {
    const letters = () =>
      bench.sql.query<{ position: number; reason: string; command_id: string | null }>(
        'SELECT position, reason, command_id FROM dead_letters WHERE partition = $1 ORDER BY position',
        [bench.partition],
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
      expect(batch?.decided[0]).toMatchObject({
        first: false,
        outcome: { repeats: { partition: bench.partition, offset: 0 } },
      })
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
      await throwing.decide(bench.partition, bench.epoch, recordsOf(bench.partition, 0, [command, command]))
      expect(await outcomes()).toEqual([failed, null])
      expect(await letters()).toMatchObject([{ command_id: command.id, reason: 'the rules threw: too far' }])
    })

    test('a broken unique constraint that nothing foresaw answers its own code, and is no dead letter', async () => {
      await ownPartition()
      const first = commandOf('user.create', newId(), userPayload('unforeseen'))
      await decide(0, first)
      // A row that no command has made: its holder is not found by its name.
      await bench.sql.query(`UPDATE users SET data = jsonb_set(data, '{usernameKey}', '"hidden"') WHERE id = $1`, [
        first.entity,
      ])
      const blind = createDecider(withoutHolders(bench.sql), entities, 1)
      const second = commandOf('user.create', newId(), userPayload('hidden', { emailKey: 'h@x.org' }))
      await blind.decide(
        bench.partition,
        bench.epoch,
        recordsOf(
          bench.partition,
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
}

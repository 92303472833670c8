import { expect, test } from 'vitest'
import { newId } from '../../../../platform/ids.ts'
import { rules as userRules } from '../../../users/rules.ts'
import { commandOf, recordsOf, userPayload } from '../../fixture.testing.ts'
import { readProgress } from '../../ownership/progress.ts'
import { OutOfStep } from '../decide.ts'
import type { DeciderBench } from './bench.ts'

/** Commands are decided in the order of the log, once, by the owner of their partition. */
export function decidesBatches(bench: DeciderBench): void {
  const { decide, outcomes, ownAgain, ownPartition, user, withUserRules } = bench

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
    expect((await readProgress(bench.sql, bench.partition)).next).toBe(3)
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
    const former = await ownAgain()
    const records = recordsOf(bench.partition, 0, [commandOf('user.create', newId(), userPayload('clara'))])
    await expect(bench.decider.decide(bench.partition, former, records)).rejects.toThrow(OutOfStep)
    expect(await outcomes()).toEqual([])
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
      outcome: { repeats: { partition: bench.partition, offset: 0 } },
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

  test('a key used in another partition has the outcome that it had there', async () => {
    await ownPartition()
    const create = commandOf('user.create', newId(), userPayload('sofia'), { keyed: true })
    const there = bench.partition
    await decide(0, create)
    await ownPartition()
    const [batch] = await decide(0, create, { ...create, hash: 'other', entity: newId() })
    expect(batch?.decided.map(({ outcome }) => outcome.repeats ?? outcome.rejection?.code)).toEqual([
      { partition: there, offset: 0 },
      'idempotency.reused',
    ])
  })

  test('rules that make a version out of turn are found out', async () => {
    await ownPartition()
    const skipping = withUserRules((command, world) => {
      const decision = userRules.decide(command, world)
      if ('rejection' in decision) return decision
      return { events: decision.events.map((event) => ({ ...event, version: event.version + 1 })) }
    })
    const records = recordsOf(bench.partition, 0, [commandOf('user.create', newId(), userPayload('ulla'))])
    await skipping.decide(bench.partition, bench.epoch, records)
    expect(await outcomes()).toEqual(['command.failed'])
  })
}

import { expect, test } from 'vitest'
import type { Command } from '../../../../platform/commands/command.ts'
import { newId } from '../../../../platform/ids.ts'
import { entities } from '../../entities.ts'
import { commandOf, userPayload } from '../../fixture.testing.ts'
import { readProgress } from '../../ownership/progress.ts'
import { NewerSchema } from '../items.ts'
import type { DeciderBench } from './bench.ts'

/** What a newer version has written waits for that version. */
export function stopsAtNewer(bench: DeciderBench): void {
  const { decide, outcomes, ownPartition } = bench

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
    expect(await bench.sql.query('SELECT 1 FROM dead_letters WHERE partition = $1', [bench.partition])).toEqual([])
  })

  test('what stands before a command of a newer schema is decided', async () => {
    await ownPartition()
    const future = commandOf('user.create', newId(), userPayload('newer'), { schema: 99 })
    const [batch] = await decide(0, commandOf('user.create', newId(), userPayload('nino')), future)
    expect(batch).toMatchObject({ first: 0, last: 0 })
    expect((await readProgress(bench.sql, bench.partition)).next).toBe(1)
  })
}

import { expect, test } from 'vitest'
import { PARTITIONS } from '../../platform/log/port.ts'
import type { Platform } from '../../platform/open.ts'
import { createMetrics } from '../../platform/telemetry/metrics.ts'
import type { Batch } from './decide/decide.ts'
import { fold } from './decide/fold.ts'
import { readItems } from './decide/items.ts'
import { createWorking } from './decide/world.ts'
import { entities } from './entities.ts'
import { commandOf, recordsOf, userPayload } from './fixture.testing.ts'
import { consumerMetrics, measureConsumer, timedMongo } from './measured.ts'
import { timed } from './metrics.ts'

const linesOf = async (metrics: ReturnType<typeof createMetrics>) =>
  (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith('trefoil_'))
    .map((line) => line.replace(/,?service="test",?/, '').replace('{}', ''))

test('what is decided is counted: commands by type and outcome, batches by size, dead letters', async () => {
  const metrics = createMetrics('test')
  const records = recordsOf(0, 0, [
    commandOf('user.create', '01890000-0000-7000-8000-00000000000a', userPayload('anna')),
    commandOf('user.create', '01890000-0000-7000-8000-00000000000b', userPayload('anna')),
    'nonsense',
  ])
  const items = readItems(records, new Map(entities.map((one) => [one.kind, one])))
  const decided = fold(items, createWorking(entities), new Map(), 1, [])
  const batch: Batch = { partition: 0, first: 0, last: 2, decided, after: [], size: 0 }
  const counted = consumerMetrics({ metrics })
  const decider = timed(
    {
      async decide(_partition, _epoch, _records, committed) {
        committed?.(batch)
        return [batch]
      },
    },
    counted,
  )
  expect(await decider.decide(0, 2, records, counted.decided)).toEqual([batch])
  counted.retried('events')

  expect(await linesOf(metrics)).toEqual(
    expect.arrayContaining([
      'trefoil_commands_decided_total{type="user.create",outcome="succeeded"} 1',
      'trefoil_commands_decided_total{type="user.create",outcome="rejected"} 1',
      'trefoil_commands_decided_total{type="unreadable",outcome="rejected"} 1',
      'trefoil_consumer_batch_records_sum 3',
      'trefoil_consumer_batch_seconds_count 1',
      'trefoil_dead_letters_total 1',
      'trefoil_consumer_retries_total{stage="events"} 1',
      'trefoil_consumer_retries_total{stage="mongo"} 0',
    ]),
  )
})

test('lag and marks are of the partitions owned now, by what this process has moved or has learnt', async () => {
  const metrics = createMetrics('test')
  const counted = consumerMetrics({ metrics })
  const ends = new Array<number>(PARTITIONS).fill(10)
  let owned = [3, 4]
  const platform = {
    metrics,
    log: { describe: async () => ({ id: 'log', ends }) },
    sql: { query: async () => [{ count: 2 }] },
    watermarks: { at: (_partition: number, mark: string) => (mark === 'decided' ? 6 : 0) },
  } as unknown as Platform
  measureConsumer(platform, { owned: () => owned }, counted.ends)
  counted.mark('decided', 4, 9)
  const lines = await linesOf(metrics)
  expect(lines.filter((line) => line.startsWith('trefoil_consumer_lag'))).toEqual([
    'trefoil_consumer_lag{mark="decided",partition="3"} 4',
    'trefoil_consumer_lag{mark="served",partition="3"} 10',
    'trefoil_consumer_lag{mark="decided",partition="4"} 1',
    'trefoil_consumer_lag{mark="served",partition="4"} 10',
  ])
  expect(lines).toContain('trefoil_watermark_offset{mark="decided",partition="4"} 9')
  expect(lines).toContain('trefoil_consumer_partitions 2')
  expect(lines).toContain('trefoil_dead_letters_open 2')

  owned = []
  expect((await linesOf(metrics)).filter((line) => line.includes('partition="'))).toEqual([])
})

test('writes to MongoDB are timed', async () => {
  const metrics = createMetrics('test')
  expect(timedMongo(null, { metrics })).toBeNull()
  const mongo = timedMongo({ apply: async () => {} } as never, { metrics })
  await mongo?.apply([])
  expect(await linesOf(metrics)).toContain('trefoil_mongo_apply_seconds_count 1')
})

import { describe, expect, test } from 'vitest'
import { BreakerOpen } from '../breaker.ts'
import { openMemoryCache } from '../cache/memory.ts'
import { observedCache } from '../cache/observed.ts'
import { CacheUnavailable } from '../cache/port.ts'
import type { WatermarkFeed } from '../commands/watermarks/feed.ts'
import { observedLog } from '../log/observed.ts'
import { type Log, LogUnavailable } from '../log/port.ts'
import { measureReadiness } from '../readiness.ts'
import { observedSql } from '../sql/observed.ts'
import { type Sql, SqlError } from '../sql/port.ts'
import { createMetrics } from './metrics.ts'
import { measureWatermarks } from './watermark-metrics.ts'

/** The value of a series, by what its line begins with. */
async function reading(metrics: ReturnType<typeof createMetrics>, name: string, labels = ''): Promise<number> {
  const wanted = labels.split(',').filter(Boolean)
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith(`trefoil_${name}{`))
  const line = lines.find((one) => wanted.every((label) => one.includes(label)))
  return Number(line?.split(' ').at(-1))
}

const record = { partition: 0, key: 'k', value: '{}' }

describe('observedLog', () => {
  test('counts and times what is acknowledged, and what waits for it', async () => {
    const metrics = createMetrics('test')
    let acknowledge: (offsets: number[]) => void = () => {}
    const answer = new Promise<number[]>((resolve) => {
      acknowledge = resolve
    })
    const log = observedLog({ append: () => answer } as unknown as Log, metrics)
    const appended = log.append('commands', [record, record])
    expect(await reading(metrics, 'log_records_waiting', 'topic="commands"')).toBe(2)
    expect(await reading(metrics, 'log_records_total', 'topic="commands"')).toBe(0)
    acknowledge([4, 5])
    expect(await appended).toEqual([4, 5])
    expect(await reading(metrics, 'log_records_waiting', 'topic="commands"')).toBe(0)
    expect(await reading(metrics, 'log_records_total', 'topic="commands"')).toBe(2)
    expect(await reading(metrics, 'log_append_seconds_count', 'topic="commands"')).toBe(1)
  })

  test.each(['no', 'unknown'] as const)('counts what is not acknowledged, written: %s', async (written) => {
    const metrics = createMetrics('test')
    const append = () => Promise.reject(new LogUnavailable('gone', written))
    const log = observedLog({ append } as unknown as Log, metrics)
    await expect(log.append('events', [record])).rejects.toBeInstanceOf(LogUnavailable)
    expect(await reading(metrics, 'log_append_failures_total', `topic="events",written="${written}"`)).toBe(1)
    expect(await reading(metrics, 'log_append_failures_total', `topic="commands",written="${written}"`)).toBe(0)
    expect(await reading(metrics, 'log_records_waiting', 'topic="events"')).toBe(0)
  })
})

describe('observedSql', () => {
  test('times statements and transactions, and tells those that run', async () => {
    const metrics = createMetrics('test')
    let running = Number.NaN
    const sql = observedSql(
      {
        query: async () => [],
        async transaction(work: () => Promise<unknown>) {
          running = await reading(metrics, 'sql_running')
          return work()
        },
      } as unknown as Sql,
      metrics,
    )
    await sql.query('SELECT 1')
    expect(await sql.transaction(async () => 'done')).toBe('done')
    expect(running).toBe(1)
    expect(await reading(metrics, 'sql_running')).toBe(0)
    expect(await reading(metrics, 'sql_seconds_count', 'kind="query"')).toBe(1)
    expect(await reading(metrics, 'sql_seconds_count', 'kind="transaction"')).toBe(1)
  })

  test('counts outages, and no refusal', async () => {
    const metrics = createMetrics('test')
    const codes = ['08006', '23505', '53300']
    const query = () => Promise.reject(new SqlError('no', codes.shift()!))
    const sql = observedSql({ query } as unknown as Sql, metrics)
    while (codes.length > 0) await sql.query('SELECT 1').catch(() => undefined)
    expect(await reading(metrics, 'sql_unavailable_total')).toBe(2)
    expect(await reading(metrics, 'sql_running')).toBe(0)
  })
})

describe('observedCache', () => {
  test('is the cache that it observes', async () => {
    const metrics = createMetrics('test')
    const cache = observedCache(openMemoryCache(), metrics)
    expect(cache.local).toBe(true)
    const ticket = '{"version":0,"ticket":"t1"}'
    expect(await cache.take('k', ticket, 1000)).toBeNull()
    expect(await cache.fill('k', 't1', '{"version":1,"epoch":2,"a":1}', 1000)).toBe(true)
    await cache.refresh([{ key: 'k', value: '{"version":2,"epoch":2,"a":2}', ttlMs: 1000, mode: 'newer' }])
    expect(await cache.read(['k', 'none'])).toEqual(['{"version":2,"epoch":2,"a":2}', null])
    for (const call of ['read', 'take', 'fill', 'refresh'])
      expect(await reading(metrics, 'cache_calls_total', `call="${call}",result="answered"`)).toBe(1)
    await cache.close()
  })

  test.each([
    ['failed', new CacheUnavailable('Redis: gone', { cause: new Error('gone') })],
    ['refused', new CacheUnavailable('Redis: gone', { cause: new BreakerOpen() })],
  ])('counts calls that are %s', async (result, error) => {
    const metrics = createMetrics('test')
    const cache = observedCache({ ...openMemoryCache(), read: () => Promise.reject(error) }, metrics)
    await expect(cache.read(['k'])).rejects.toBe(error)
    expect(await reading(metrics, 'cache_calls_total', `call="read",result="${result}"`)).toBe(1)
    expect(await reading(metrics, 'cache_calls_total', 'call="read",result="answered"')).toBe(0)
  })
})

describe('what is looked up at each scrape', () => {
  const feed = (epochs: readonly number[] | null) =>
    ({ epochs: () => epochs, waiting: (mark: string) => (mark === 'served' ? 3 : 1) }) as unknown as WatermarkFeed

  test('the epochs, the partitions whose cache is shut, those who wait', async () => {
    const metrics = createMetrics('test')
    measureWatermarks(metrics, feed([1000, 1001]), true)
    expect(await reading(metrics, 'cache_epoch', 'partition="1"')).toBe(1001)
    expect(await reading(metrics, 'cache_shut', 'partition="0"')).toBe(0)
    expect(await reading(metrics, 'cache_shut', 'partition="1"')).toBe(1)
    expect(await reading(metrics, 'cache_usable')).toBe(1)
    expect(await reading(metrics, 'waiting_calls', 'mark="served"')).toBe(3)
  })

  test('that the cache may not be used', async () => {
    const metrics = createMetrics('test')
    measureWatermarks(metrics, feed(null), true)
    expect(await reading(metrics, 'cache_usable')).toBe(0)
    expect(await reading(metrics, 'cache_epoch')).toBeNaN()
  })

  test('the parts that are missing', async () => {
    const metrics = createMetrics('test')
    const health = { missing: async () => ({ postgres: 'refused' }) }
    measureReadiness(metrics, health, ['postgres', 'log'])
    expect(await reading(metrics, 'part_up', 'part="postgres"')).toBe(0)
    expect(await reading(metrics, 'part_up', 'part="log"')).toBe(1)
  })
})

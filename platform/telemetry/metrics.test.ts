import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

test('a counter is written as Prometheus reads it, with the process it belongs to', async () => {
  const metrics = createMetrics('tasks')
  metrics.counter('commands_total', 'Commands appended.', ['kind']).inc({ kind: 'task.create' }, 2)
  const text = await metrics.text()
  expect(text).toContain('# HELP trefoil_commands_total Commands appended.')
  expect(text).toContain('trefoil_commands_total{kind="task.create",service="tasks"} 2')
  expect(metrics.contentType).toContain('text/plain')
})

test('a histogram counts in seconds', async () => {
  const metrics = createMetrics('tasks')
  metrics.histogram('request_seconds', 'Time of requests.').observe(0.004)
  expect(await metrics.text()).toContain('trefoil_request_seconds_bucket{le="0.005",service="tasks"} 1')
})

test('a gauge may look its value up at each scrape', async () => {
  const metrics = createMetrics('consumer')
  let lag = 7
  metrics.gauge('lag', 'Commands not yet decided.', ['partition'], (gauge) => gauge.set({ partition: '0' }, lag))
  expect(await metrics.text()).toContain('trefoil_lag{partition="0",service="consumer"} 7')
  lag = 0
  expect(await metrics.text()).toContain('trefoil_lag{partition="0",service="consumer"} 0')
})

test.each([
  ['fails', () => Promise.reject(new Error('the log does not answer'))],
  ['hangs', () => new Promise<void>(() => {})],
])('a look-up that %s leaves its own value out, and the page whole', async (_, lookUp) => {
  const metrics = createMetrics('consumer')
  metrics.gauge('lag', 'Commands not yet decided.', ['partition'], lookUp).set({ partition: '0' }, 7)
  metrics.counter('requests_total', 'Requests.').inc()
  const text = await metrics.text()
  expect(text).toContain('trefoil_requests_total{service="consumer"} 1')
  expect(text).not.toContain('trefoil_lag{')
})

test('services in one process share a metric; processes do not', () => {
  const metrics = createMetrics('trefoil')
  const first = metrics.counter('requests_total', 'Requests.')
  expect(metrics.counter('requests_total', 'Requests.')).toBe(first)
  expect(createMetrics('other').counter('requests_total', 'Requests.')).not.toBe(first)
})

test('the runtime tells of itself', async () => {
  expect(await createMetrics('tasks').text()).toMatch(/^process_resident_memory_bytes\{service="tasks"\} \d+/m)
})

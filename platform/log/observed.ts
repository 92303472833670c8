import type { Metrics } from '../telemetry/metrics.ts'
import { type Log, LogUnavailable, type Topic } from './port.ts'

const topics: readonly Topic[] = ['commands', 'events']

/** A log that counts and times what is appended to it. */
export function observedLog(log: Log, metrics: Metrics): Log {
  const seconds = metrics.histogram('log_append_seconds', "From an append to the log's acknowledgement.", ['topic'])
  const records = metrics.counter('log_records_total', 'Records that the log has acknowledged.', ['topic'])
  const waiting = metrics.gauge('log_records_waiting', 'Records given to the log and not acknowledged yet.', ['topic'])
  const failures = metrics.counter(
    'log_append_failures_total',
    'Appends that the log did not acknowledge, by whether it may have written them: no, or unknown.',
    ['topic', 'written'],
  )
  for (const topic of topics) {
    for (const written of ['no', 'unknown']) failures.inc({ topic, written }, 0)
    records.inc({ topic }, 0)
    waiting.set({ topic }, 0)
  }

  return {
    ...log,
    async append(topic, appended) {
      const began = performance.now()
      waiting.inc({ topic }, appended.length)
      try {
        const offsets = await log.append(topic, appended)
        seconds.observe({ topic }, (performance.now() - began) / 1000)
        records.inc({ topic }, appended.length)
        return offsets
      } catch (error) {
        if (error instanceof LogUnavailable) failures.inc({ topic, written: error.written })
        throw error
      } finally {
        waiting.dec({ topic }, appended.length)
      }
    },
  }
}

import type { Batch } from './decide.ts'

/** What the consumer counts; `platform/telemetry` makes the real ones. */
export interface ConsumerMetrics {
  decided(batch: Batch): void
  mark(name: 'decided' | 'served', partition: number, end: number): void
}

import type { Batch, Decider } from './decide/decide.ts'

/** What the consumer counts; `measured.ts` makes the real ones. */
export interface ConsumerMetrics {
  decided(batch: Batch): void
  /** How long a batch took, from its records to the commit. */
  took(seconds: number): void
  mark(name: 'decided' | 'served', partition: number, end: number): void
  /** A part did not answer; the stage will try again. */
  retried(stage: string): void
}

/** A decider whose batches are timed. */
export const timed = ({ decide }: Decider, metrics: Pick<ConsumerMetrics, 'took'>): Decider => ({
  decide(partition, epoch, records, committed, dead) {
    let began = performance.now()
    const timing = (batch: Batch) => {
      const now = performance.now()
      metrics.took((now - began) / 1000)
      began = now
      committed?.(batch)
    }
    return decide(partition, epoch, records, timing, dead)
  },
})

import type { Position } from '../command.ts'

/** decided: users and projects are readable as of the position; served: tasks and documents too. */
export type Mark = 'decided' | 'served'

/** How far each partition is, learnt over the bus and from a poll of the progress table. */
export interface Watermarks {
  /** True as soon as every position is covered; false if that is not so in time. Offset n is covered at mark ≥ n + 1. */
  reach(positions: Iterable<Position>, mark: Mark, timeoutMs: number, signal?: AbortSignal): Promise<boolean>
  /** The offset that each partition's mark stands at: everything below it is covered. */
  at(partition: number, mark: Mark): number
  /** The cache epochs known now, one per partition; null while the cache may not be used at all. */
  epochs(): readonly number[] | null
}

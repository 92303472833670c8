import type { Sql } from '../../platform/sql/port.ts'
import { type Clock, createTurns } from '../../platform/waiting.ts'
import { move, type ProgressRow, raise, readProgress, takeOver } from './progress.ts'

/** Another process has taken the partition over: stop, commit nothing, tell nothing. */
export class Fenced extends Error {
  constructor(partition: number) {
    super(`partition ${partition} has another owner now`)
    this.name = 'Fenced'
  }
}

/**
 * This process's hold on one partition: its epoch, and every write of the progress row, one at a time, so that none of
 * them meets an epoch that another of them is just raising.
 */
export interface Ownership {
  readonly partition: number
  /** The row as it was taken over. */
  readonly taken: ProgressRow
  /** Runs a deciding transaction under the current epoch. */
  deciding<T>(work: (epoch: number) => Promise<T>): Promise<T>
  row(): Promise<ProgressRow>
  /** @throws Fenced */
  move(to: { published?: number; decided?: number; served?: number }): Promise<void>
  /** Raises the epoch; no mark moves before `settled`. @throws Fenced */
  raise(shut: boolean): Promise<number>
  /** Resolves when the readers have had time to learn the epoch: two polls after the last raise that needs it. */
  settled(signal: AbortSignal): Promise<void>
  epoch(): number
}

export interface OwnershipParts {
  sql: Sql
  clock: Clock
  /** Two poll intervals of the readers; 0 where the cache is this process's own. */
  settleMs: number
}

export async function own(partition: number, { sql, clock, settleMs }: OwnershipParts): Promise<Ownership> {
  const taken = await takeOver(sql, partition, clock.now())
  const turn = createTurns()
  let epoch = taken.epoch
  let settledAt = clock.monotonic() + settleMs

  return {
    partition,
    taken,
    deciding: (work) => turn(() => work(epoch)),
    row: () => turn(() => readProgress(sql, partition)),
    move: (to) =>
      turn(async () => {
        if (!(await move(sql, partition, epoch, to))) throw new Fenced(partition)
      }),
    raise: (shut) =>
      turn(async () => {
        const raised = await raise(sql, partition, epoch, clock.now(), shut)
        if (raised === null) throw new Fenced(partition)
        epoch = raised
        settledAt = clock.monotonic() + settleMs
        return raised
      }),
    async settled(signal) {
      for (let left = settledAt - clock.monotonic(); left > 0; left = settledAt - clock.monotonic()) {
        await clock.sleep(left, signal)
        signal.throwIfAborted()
      }
    },
    epoch: () => epoch,
  }
}

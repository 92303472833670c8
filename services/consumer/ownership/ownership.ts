import type { Sql } from '../../../platform/sql/port.ts'
import { type Clock, createTurns } from '../../../platform/waiting.ts'
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
  /** The row as it is. @throws Fenced */
  row(): Promise<ProgressRow>
  /**
   * Moves cursors once the readers have had time to learn the epoch: two polls after the last raise that needs it, be that
   * one made while this waits. @throws Fenced, or the signal's reason
   */
  move(to: { published?: number; decided?: number; served?: number }, signal: AbortSignal): Promise<void>
  /**
   * Raises the epoch. If the answer is lost the new epoch is not known, and counts as somebody else's from then on.
   * @throws Fenced
   */
  raise(shut: boolean): Promise<number>
  epoch(): number
}

export interface OwnershipParts {
  sql: Sql
  clock: Clock
  /** Two poll intervals of the readers; 0 where the cache is this process's own. */
  settleMs: number
  /** This owner has no cache: whoever reads through one must leave it alone. */
  shut?: boolean
}

export async function own(partition: number, { sql, clock, settleMs, shut }: OwnershipParts): Promise<Ownership> {
  const taken = await takeOver(sql, partition, clock.now(), shut)
  const turn = createTurns()
  let epoch = taken.epoch
  let settledAt = clock.monotonic() + settleMs
  const unsettledFor = () => settledAt - clock.monotonic()

  /** False where the epoch was raised while this waited for its turn. */
  async function moveIfSettled(to: { published?: number; decided?: number; served?: number }): Promise<boolean> {
    if (unsettledFor() > 0) return false
    if (!(await move(sql, partition, epoch, to))) throw new Fenced(partition)
    return true
  }

  return {
    partition,
    taken,
    deciding: (work) => turn(() => work(epoch)),
    row: () =>
      turn(async () => {
        const row = await readProgress(sql, partition)
        if (row.epoch !== epoch) throw new Fenced(partition)
        return row
      }),
    async move(to, signal) {
      do {
        const wait = unsettledFor()
        if (wait > 0) await clock.sleep(wait, signal)
        signal.throwIfAborted()
      } while (!(await turn(() => moveIfSettled(to))))
    },
    raise: (shut) =>
      turn(async () => {
        const raised = await raise(sql, partition, epoch, clock.now(), shut)
        if (raised === null) throw new Fenced(partition)
        const opening = epoch % 2 === 1 && !shut // nobody used the cache under the odd epoch
        epoch = raised
        if (!opening) settledAt = clock.monotonic() + settleMs
        return raised
      }),
    epoch: () => epoch,
  }
}

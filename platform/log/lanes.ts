import { type Feed, type Lane, startLane } from './lane.ts'
import type { Logger } from './logger.ts'
import type { Consumer } from './port.ts'

/** The partitions that one member of a group holds. */
export interface Lanes {
  /** From now on exactly these are held: the others are let go, the new ones begin, those held before go on. */
  hold(partitions: readonly number[]): void
  /** Lets go of all; resolves when that is done (bounded). */
  end(): Promise<void>
}

export interface LanesOptions {
  consumer: Consumer
  /** Called for each partition that begins to be held. */
  openFeed(partition: number): Feed
  fault(error: Error): void
  logger: Logger
  patienceMs?: number
}

export function createLanes({ openFeed, ...rest }: LanesOptions): Lanes {
  const held = new Map<number, Lane>()
  const former = new Map<number, Promise<unknown>>()
  const ending = new Set<Promise<void>>()

  function hold(partitions: readonly number[]): void {
    for (const [partition, lane] of held) if (!partitions.includes(partition)) letGo(partition, lane)
    for (const partition of partitions) {
      if (held.has(partition)) continue
      held.set(partition, startLane({ partition, feed: openFeed(partition), after: former.get(partition), ...rest }))
    }
  }

  function letGo(partition: number, lane: Lane): void {
    held.delete(partition)
    const end = lane.end().finally(() => ending.delete(end))
    ending.add(end)
    former.set(partition, Promise.all([lane.ended, end]))
  }

  async function end(): Promise<void> {
    hold([])
    await Promise.all(ending)
  }

  return { hold, end }
}

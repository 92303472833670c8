import { PARTITIONS } from '../../log/port.ts'
import type { Clock } from '../../waiting.ts'

/** Those who wait for one mark. What they wait for stands by partition and offset, so that a step costs what it covers. */
export interface Waiters {
  /**
   * True once `advance` has covered every need (partition → offset), each of which is not covered yet; false when time
   * is up, the signal fires, there is no room, or all is closed.
   */
  wait(needs: ReadonlyMap<number, number>, timeoutMs: number, signal?: AbortSignal): Promise<boolean>
  /** The mark of a partition has moved: the offsets from `from` up to `to`, without it, are covered now. */
  advance(partition: number, from: number, to: number): void
  close(): void
  readonly size: number
}

interface Waiter {
  left: number
  end(reached: boolean): void
}

export function createWaiters(clock: Clock, limit: number): Waiters {
  const byPartition = Array.from({ length: PARTITIONS }, () => new Map<number, Set<Waiter>>())
  const waiting = new Set<Waiter>()
  let closed = false

  function enter(waiter: Waiter, partition: number, offset: number): void {
    const there = byPartition[partition]!.get(offset)
    if (there) there.add(waiter)
    else byPartition[partition]!.set(offset, new Set([waiter]))
  }

  function leave(waiter: Waiter, partition: number, offset: number): void {
    const there = byPartition[partition]!.get(offset)
    if (there?.delete(waiter) && there.size === 0) byPartition[partition]!.delete(offset)
  }

  return {
    wait(needs, timeoutMs, signal) {
      if (closed || timeoutMs <= 0 || signal?.aborted || waiting.size >= limit) return Promise.resolve(false)
      return new Promise((resolve) => {
        const over = new AbortController()
        const giveUp = () => waiter.end(false)
        const waiter: Waiter = {
          left: needs.size,
          end(reached) {
            if (!waiting.delete(waiter)) return
            over.abort()
            signal?.removeEventListener('abort', giveUp)
            for (const [partition, offset] of needs) leave(waiter, partition, offset)
            resolve(reached)
          },
        }
        waiting.add(waiter)
        for (const [partition, offset] of needs) enter(waiter, partition, offset)
        signal?.addEventListener('abort', giveUp, { once: true })
        void clock.sleep(timeoutMs, over.signal).then(giveUp)
      })
    },

    advance(partition, from, to) {
      const offsets = byPartition[partition]!
      for (const offset of covered(offsets, from, to)) {
        const there = offsets.get(offset) ?? []
        offsets.delete(offset)
        for (const waiter of there) if (--waiter.left === 0) waiter.end(true)
      }
    },

    close() {
      closed = true
      for (const waiter of waiting) waiter.end(false)
    },

    get size() {
      return waiting.size
    },
  }
}

/** The offsets waited for that a step covers: counted through, or looked for among all, whichever is less. */
function covered(offsets: ReadonlyMap<number, unknown>, from: number, to: number): number[] {
  if (offsets.size < to - from) return [...offsets.keys()].filter((offset) => offset < to)
  return Array.from({ length: to - from }, (_, index) => from + index)
}

import { parseStamp, type Stamp, stampText } from './envelope.ts'
import { epochsOf, isBehind, type Partitions } from './epochs.ts'
import { STAMP_MS } from './lifetimes.ts'
import type { ReadParts } from './parts.ts'

export const stampKey = (scope: string): string => `stamp:${scope}`

const REMEMBERED = 1_000

/** The stamps of scopes, as a reader reads and makes them. */
export interface Stamps {
  /** The scope's stamp when it was last seen: a guess, good for asking for a page together with the stamp. */
  last(scope: string): Stamp | undefined
  /**
   * The stamp that the text read is, or one made in its place where there is none or its epochs are behind what is
   * known. Undefined where neither could be had: then no page may be read or written.
   */
  settle(
    scope: string,
    partitions: Partitions,
    known: readonly number[],
    text: string | null,
  ): Promise<Stamp | undefined>
}

export function createStamps({ cache, random }: Pick<ReadParts, 'cache' | 'random'>): Stamps {
  const remembered = new Map<string, Stamp>()

  function recall(scope: string, text: string): Stamp | undefined {
    const last = remembered.get(scope)
    if (last?.text === text) return last
    const stamp = parseStamp(text)
    if (stamp !== undefined) remember(scope, stamp)
    return stamp
  }

  function remember(scope: string, stamp: Stamp): void {
    remembered.delete(scope)
    remembered.set(scope, stamp)
    const [oldest] = remembered.keys()
    if (oldest !== undefined && remembered.size > REMEMBERED) remembered.delete(oldest)
  }

  return {
    last: (scope) => remembered.get(scope),

    async settle(scope, partitions, known, text) {
      const current = (candidate: string) => {
        const stamp = recall(scope, candidate)
        return stamp !== undefined && !isBehind(stamp.epochs, partitions, known) ? stamp : undefined
      }
      const found = text === null ? undefined : current(text)
      if (found !== undefined) return found
      const mine = stampText(random.id(), epochsOf(partitions, known))
      const there = await cache.take(stampKey(scope), mine, STAMP_MS, text ?? undefined)
      return there === undefined ? undefined : current(there ?? mine)
    },
  }
}

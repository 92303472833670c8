import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { pageText, parsePage, type Stamp } from './envelope.ts'
import { isAnyShut } from './epochs.ts'
import { pageLifetime } from './lifetimes.ts'
import type { ReadParts } from './parts.ts'
import type { Reads } from './reads.ts'
import { createStamps, stampKey } from './stamps.ts'

const PAGE_BYTES = 256 * 1024

/**
 * A page's key contains its scope's stamp, which the projector replaces after the store was written. So a page that was
 * loaded while its stamp stood in the cache holds everything that was told before the stamp was last read.
 */
export function createListReader(parts: ReadParts): Reads['list'] {
  const { cache, watermarks, flights, loads, random, metrics } = parts
  const stamps = createStamps(parts)

  return async function list<T>(scope: string, partitions: number | 'all', query: string, load: () => Promise<T>) {
    const what = firstWord(scope)
    const hash = createHash('sha256').update(query).digest('base64url')
    const bypass = () => {
      metrics.count(what, 'bypass')
      return flights.run(`load:${scope}:${hash}`, () => loads.run(load))
    }

    const known = watermarks.epochs()
    if (known === null || isAnyShut(partitions, known)) return bypass()
    // The page under the stamp that was seen last is asked for along with the stamp: mostly a hit is one round trip.
    const guess = stamps.last(scope)
    const texts = await cache.read(guess ? [stampKey(scope), pageKey(scope, guess, hash)] : [stampKey(scope)])
    if (texts === undefined) return bypass()
    const seen = texts[0] ?? null
    const stamp = await stamps.settle(scope, partitions, known, seen)
    if (stamp === undefined) return bypass()

    const key = pageKey(scope, stamp, hash)
    const found = stamp === guess ? open<T>(texts[1]) : await readPage<T>(key)
    metrics.count(what, found ? 'hit' : seen !== null && seen !== stamp.text ? 'stale' : 'miss')
    if (found) return found.page as T
    return flights.run(key, (waited) => refill(key, load, waited))
  }

  /** The stamp in the key was read, or its making acknowledged, before this load. */
  async function refill<T>(key: string, load: () => Promise<T>, waited: boolean): Promise<T> {
    const found = waited ? await readPage<T>(key) : undefined
    if (found) return found.page as T
    const page = await loads.run(load)
    const text = pageText(page)
    if (Buffer.byteLength(text) <= PAGE_BYTES && watermarks.epochs() !== null) {
      await cache.take(key, text, pageLifetime(random))
    }
    return page
  }

  async function readPage<T>(key: string): Promise<{ page?: T } | undefined> {
    return open<T>((await cache.read([key]))?.[0])
  }
}

const open = <T>(text: string | null | undefined): { page?: T } | undefined => (text ? parsePage<T>(text) : undefined)

const pageKey = (scope: string, stamp: Stamp, hash: string): string => `page:${scope}:${stamp.id}:${hash}`

function firstWord(scope: string): string {
  const colon = scope.indexOf(':')
  return colon < 0 ? scope : scope.slice(0, colon)
}

import type { Entity } from '../commands/command.ts'
import { ticketText, valueText } from './envelope.ts'
import { isOpen } from './epochs.ts'
import { judge } from './judge.ts'
import { entityLifetime, TICKET_MS } from './lifetimes.ts'
import type { ReadParts } from './parts.ts'
import type { EntityReader, EntitySource } from './reads.ts'

/**
 * A reader that misses takes a ticket in the key, loads, and replaces nothing but its own ticket; the projector replaces
 * tickets and older values, and creates nothing. So neither a slow reader nor a late packet can put an old value over, or
 * after, a new one. What the cache may hold from before an outage is of an older epoch and does not count.
 */
export function createEntityReader<E extends Entity>(source: EntitySource<E>, parts: ReadParts): EntityReader<E> {
  const { cache, watermarks, flights, loads, random, metrics } = parts
  const load = (id: string) => loads.run(() => source.load(id))

  async function one(id: string): Promise<E | undefined> {
    const key = `${source.kind}:${id}`
    const known = watermarks.epochs()
    const texts = known === null ? undefined : await cache.read([key])
    if (known === null || texts === undefined) return bypass(key, id)

    const text = texts[0] ?? null
    const found = judge(text, known, source)
    if (typeof found === 'object') {
      metrics.count(source.kind, 'hit')
      return living(found)
    }
    if (found === 'shut') return bypass(key, id)
    metrics.count(source.kind, found)
    const stale = found === 'stale' && text !== null ? text : undefined
    return living(await flights.run(key, () => refill(key, id, stale)))
  }

  async function bypass(key: string, id: string): Promise<E | undefined> {
    metrics.count(source.kind, 'bypass')
    return living(await flights.run(key, () => load(id)))
  }

  /**
   * Loads under a ticket and fills it. The ticket's epochs were known before it was sent, and the load starts after it
   * was acknowledged: whatever is told from then on replaces the ticket, or raises the epoch above the ticket's.
   */
  async function refill(key: string, id: string, stale: string | undefined): Promise<E | undefined> {
    const known = watermarks.epochs()
    if (known === null) return load(id)
    const ticket = random.id()
    const there = await cache.take(key, ticketText(ticket, known), TICKET_MS, stale)
    if (there === null) return fill(key, ticket, await load(id), known)

    // No answer, another's ticket, or the value that another has filled in the meantime.
    const found = there === undefined ? 'miss' : judge(there, known, source)
    return typeof found === 'object' ? found : load(id)
  }

  async function fill(key: string, ticket: string, entity: E | undefined, known: readonly number[]) {
    if (entity === undefined || watermarks.epochs() === null) return entity
    const epoch = known[source.partition(entity)]
    if (!isOpen(epoch)) return entity
    await cache.fill(key, ticket, valueText(entity, epoch), entityLifetime(entity, random))
    return entity
  }

  return { one }
}

const living = <E extends Entity>(entity: E | undefined): E | undefined => (entity?.deleted ? undefined : entity)

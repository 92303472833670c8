import type { About } from './simulate.testing.ts'

/** A way to break the protocol: text of one file, and what a careless change might make of it. */
export interface Mutant {
  what: string
  /** What runs have to be about to show it. */
  about: About
  /** Relative to `platform/reads/`. */
  file: string
  replace: string
  by: string
}

/** In the readers and the projector's half. */
export const broken: Mutant[] = [
  {
    what: 'a value of an older epoch is accepted',
    about: 'entity',
    file: 'judge.ts',
    replace: 'value.epoch >= epoch',
    by: 'true',
  },
  {
    what: 'a value carries the epoch known when it fills instead of its ticket’s',
    about: 'entity',
    file: 'entity-reader.ts',
    replace: 'const epoch = known[source.partition(entity)]',
    by: 'const epoch = watermarks.epochs()?.[source.partition(entity)]',
  },
  {
    what: 'a ticket’s epochs are read after it was acknowledged',
    about: 'entity',
    file: 'entity-reader.ts',
    replace: 'await load(id), known)',
    by: 'await load(id), watermarks.epochs() ?? known)',
  },
  {
    what: 'the load starts before the ticket is acknowledged',
    about: 'entity',
    file: 'entity-reader.ts',
    replace:
      'const there = await cache.take(key, ticketText(ticket, known), TICKET_MS, stale)\n    if (there === null) return fill(key, ticket, await load(id), known)',
    by: 'const early = load(id)\n    const there = await cache.take(key, ticketText(ticket, known), TICKET_MS, stale)\n    if (there === null) return fill(key, ticket, await early, known)',
  },
  {
    what: 'a ticket’s id is used again',
    about: 'entity',
    file: 'entity-reader.ts',
    replace: 'const ticket = random.id()',
    by: 'const ticket = id',
  },
  {
    what: 'what is of an older epoch is not replaced',
    about: 'entity',
    file: 'entity-reader.ts',
    replace: 'TICKET_MS, stale)',
    by: 'TICKET_MS)',
  },
  {
    what: 'an odd epoch counts like any other',
    about: 'entity',
    file: 'epochs.ts',
    replace: 'epoch !== undefined && epoch % 2 === 0',
    by: 'epoch !== undefined',
  },
  {
    what: 'a stamp of an older epoch is accepted',
    about: 'list',
    file: 'stamps.ts',
    replace: 'stamp !== undefined && !isBehind(stamp.epochs, partitions, known)',
    by: 'stamp !== undefined',
  },
  {
    what: 'a scope of all partitions is judged by the first one alone',
    about: 'wideList',
    file: 'epochs.ts',
    replace: '!known.every(reaches)',
    by: '!reaches(known[0], 0)',
  },
  {
    what: 'a page is loaded before its stamp is read',
    about: 'list',
    file: 'list-reader.ts',
    replace: 'const hash =',
    by: 'const early = load()\n    load = () => early\n    const hash =',
  },
  {
    what: 'pages are kept without a stamp',
    about: 'list',
    file: 'list-reader.ts',
    replace: 'stamp.id',
    by: "stamp && ''",
  },
  {
    what: 'a read joins a load that was sent before it came',
    about: 'entity',
    file: 'single-flight.ts',
    replace:
      'if (flight.next === undefined) flights.delete(key)\n    }\n    const flight: Flight = { landed: result.then(land, land), next: undefined }',
    by: 'flights.delete(key)\n    }\n    const flight: Flight = { landed: result.then(land, land), next: result }',
  },
  {
    what: 'the projector’s stamp is not random',
    about: 'list',
    file: 'projector-cache.ts',
    replace: 'stampText(random.id(), ',
    by: 'stampText(scope, ',
  },
  {
    what: 'the projector’s stamp is put only where there is none',
    about: 'list',
    file: 'projector-cache.ts',
    replace: "mode: 'always'",
    by: "mode: 'newer'",
  },
]

/** In the world around them: shows that the simulation is severe enough to need each rule. */
export const lax: Mutant[] = [
  {
    what: 'the cache fills whatever is there',
    about: 'entity',
    file: '../cache/memory.ts',
    replace: 'if (!get(key)?.startsWith(ticketHead(ticket))) return false',
    by: 'if (get(key) === null) return false',
  },
  {
    what: 'the owner tells before the cache is brought up',
    about: 'entity',
    file: 'simulation/owner.testing.ts',
    replace: 'await time.sleep(weather.pause())\n    if (!shut',
    by: 'await tell(version)\n    if (!shut',
  },
  {
    what: 'a failed refresh raises nothing',
    about: 'entity',
    file: 'simulation/owner.testing.ts',
    replace: 'await twoPollsAfter(await raise(chance.of(0.5)))',
    by: 'await time.sleep(0)',
  },
  {
    what: 'nothing is waited for after a raise',
    about: 'entity',
    file: 'simulation/owner.testing.ts',
    replace: 'raised + 2 * POLL_MS - time.now()',
    by: 'raised - time.now()',
  },
  {
    what: 'an owner that took over raises nothing',
    about: 'entity',
    file: 'simulation/owner.testing.ts',
    replace: 'epoch = database.raise(partition, false)',
    by: 'epoch = row.epoch',
  },
  {
    what: 'a fenced owner goes on',
    about: 'entity',
    file: 'simulation/owner.testing.ts',
    replace: 'if (row.epoch !== epoch) throw',
    by: 'if (row.epoch !== epoch && versions < 0) throw',
  },
  {
    what: 'an instance uses the cache without an answered poll',
    about: 'entity',
    file: 'simulation/instance.testing.ts',
    replace: 'time.now() - lastWord < 2 * POLL_MS ? known : null',
    by: 'known',
  },
]

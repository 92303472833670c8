import type { Chance } from './chance.testing.ts'
import { HELD } from './time.testing.ts'

/** Milliseconds that a message is on its way, or HELD; Infinity where it never arrives. */
export type Trip = () => number

/** How bad one run is. Each seed has weather of its own, so that each run is about a few kinds of trouble. */
export interface Weather {
  /** From now on nothing is lost and nothing is late. */
  clear(): void
  /** Of a cache command or its reply: owners and readers can be cut off from the cache each alone. */
  ownerCommand: Trip
  readerCommand: Trip
  /** Of an owner's statement or a poll, or its answer. */
  statement: Trip
  poll: Trip
  /** Of a reader's load, and of its answer. */
  load: Trip
  answer: Trip
  /** How long an owner dawdles between two steps. */
  pause: Trip
  isEvicting(): boolean
}

type Range = readonly [from: number, to: number]
const SOME_TIME: Range = [HELD, HELD + 1]

export function createWeather(chance: Chance): Weather {
  let trouble = 1
  const upTo = (most: number) => (chance.of(0.4) ? 0 : most * chance.unit())
  const either = (...ranges: Range[]) => ranges[chance.between(0, ranges.length)]!

  const trip = (usual: Range, unusual: Range, likely: number, lost = 0): Trip => {
    return () => {
      if (chance.of(trouble * lost)) return Number.POSITIVE_INFINITY
      return chance.between(...(chance.of(trouble * likely) ? unusual : usual))
    }
  }
  const command = (lost: number) =>
    trip([0, 4], either([4, 99], [20, 1_500], SOME_TIME, SOME_TIME), upTo(0.5), upTo(lost))
  const load = () => trip([0, 6], either([4, 60], [50, 900], SOME_TIME, SOME_TIME), upTo(0.9))
  const deaf = chance.of(0.8) ? 0 : 0.8
  const evicting = upTo(0.9)

  return {
    clear: () => {
      trouble = 0
    },
    ownerCommand: command(0.9),
    readerCommand: command(0.3),
    statement: trip([0, 6], either([4, 60], [50, 800], SOME_TIME), upTo(0.4)),
    poll: trip([0, 6], [50, 800], deaf * chance.unit(), deaf * chance.unit()),
    load: load(),
    answer: load(),
    pause: trip(either([0, 40], [0, 250]), either([0, 60], [50, 300], [0, 1_500]), upTo(0.5)),
    isEvicting: () => chance.of(trouble * evicting),
  }
}

import type { Chance } from '../../../platform/reads/simulation/chance.testing.ts'
import { systemClock } from '../../../platform/waiting.ts'
import { type Hazard, type Process, startProcess, type World } from './process.testing.ts'
import type { Stage } from './world.testing.ts'

interface Lane {
  process: Process
  lost: AbortController
  /** Settles when the owner has let go; never where it died. */
  ended: Promise<unknown>
}

/**
 * Gives partitions to processes as a Kafka group does: whoever is dead or asleep loses them after a while, others lose them for
 * no reason, and for a moment two believe that they have one.
 */
export interface Group {
  /** Looks after its members once. */
  tend(): void
  /** Everybody wakes, nothing goes wrong any more, and every partition has an owner. */
  calm(): void
  close(): Promise<void>
  readonly faults: readonly Error[]
}

export function createGroup(given: Stage, chance: Chance, partitions: readonly number[]): Group {
  let calm = false
  const world: World = { ...given, hazard: (_, when) => (calm ? undefined : hazard(chance, when)) }
  const lanes = new Map<number, Lane>()
  const former = new Set<Lane>()
  const processes: Process[] = []

  function process(): Process {
    const living = processes.filter(({ dead, asleep }) => !dead && !asleep)
    if (living.length > 0 && !chance.of(0.3)) return living[chance.between(0, living.length)]!
    const started = startProcess(world)
    processes.push(started)
    return started
  }

  function assign(partition: number): void {
    const before = lanes.get(partition)
    if (before) {
      former.add(before)
      // A member that is awake hears of it before the next one begins; another one some time after it wakes.
      if (!before.process.asleep) before.lost.abort()
    }
    const owner = process()
    const lost = new AbortController()
    lanes.set(partition, { process: owner, lost, ended: feed(owner, partition, lost.signal, given.read, chance) })
  }

  return {
    tend() {
      for (const lane of former) if (!lane.process.asleep && chance.of(0.2)) lane.lost.abort()
      for (const one of processes) if (one.asleep && chance.of(0.1)) one.wake()
      for (const partition of partitions) {
        const lane = lanes.get(partition)
        const gone = !lane || lane.process.dead || lane.process.asleep
        if (!lane || chance.of(gone ? 0.2 : 0.02)) assign(partition)
      }
    },
    calm() {
      calm = true
      for (const one of processes) one.wake()
      for (const lane of former) lane.lost.abort()
      for (const partition of partitions)
        if (!lanes.get(partition) || lanes.get(partition)?.process.dead) assign(partition)
    },
    async close() {
      const all = [...lanes.values(), ...former]
      for (const lane of all) lane.lost.abort()
      await Promise.all(all.filter((lane) => !lane.process.dead).map((lane) => lane.ended))
      for (const one of processes) one.kill()
    },
    get faults() {
      return processes.flatMap(({ fault }) => fault ?? [])
    },
  }
}

/** What a log does for the owner of a partition. */
async function feed(
  owner: Process,
  partition: number,
  lost: AbortSignal,
  read: Stage['read'],
  chance: Chance,
): Promise<void> {
  const own = await owner.own(partition, lost).catch((error: unknown) => {
    if (!lost.aborted) throw error
  })
  if (!own) return
  let from = own.next
  while (!lost.aborted) {
    const records = await read(partition, from, chance.between(1, 8))
    if (records.length > 0) from = await own.batch(records, lost)
    else await systemClock.sleep(1, lost)
  }
  await own.close()
}

/** Per call: now and then something happens. */
function hazard(chance: Chance, when: 'before' | 'after' | 'within'): ReturnType<Hazard> {
  const share = when === 'within' ? 0.25 : 1
  if (chance.of(0.004 * share)) return 'die'
  if (chance.of(0.006 * share)) return 'sleep'
  return chance.of(0.02 * share) ? 'fail' : undefined
}

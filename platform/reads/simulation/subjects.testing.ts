import type { Refresh } from '../../cache/port.ts'
import type { Entity } from '../../commands/command.ts'
import { refreshEntity, replaceStamp } from '../projector-cache.ts'
import type { Reads } from '../reads.ts'
import type { Chance } from './chance.testing.ts'
import type { Database } from './database.testing.ts'
import type { Weather } from './weather.testing.ts'

/** What one run is about: one key or one scope, so that everything happens to it. */
export interface Subject {
  /** Those whose versions make its answer. */
  partitions: readonly number[]
  /** A reader of it: resolves to the version of each partition. */
  ask(reads: Reads, database: Database, weather: Weather): () => Promise<readonly number[]>
  /** What the projector sends when a partition has a new version. */
  changed(partition: number, version: number, epochs: readonly number[], chance: Chance): Refresh[]
}

const thing = (version: number): Entity => ({ id: 'a', version, createdAt: '', updatedAt: '' })

const aThing: Subject = {
  partitions: [0],
  ask(reads, { rows, query }, weather) {
    const load = () => query(weather.load, () => thing(rows[0]!.version), weather.answer)
    const things = reads.entity<Entity>({ kind: 'thing', partition: () => 0, load })
    return async () => [(await things.one('a'))?.version ?? 0]
  },
  changed: (_, version, epochs, chance) => [refreshEntity('thing', thing(version), epochs[0]!, chance)],
}

const aList: Subject = {
  partitions: [0],
  ask(reads, { rows, query }, weather) {
    const load = () => query(weather.load, () => [rows[0]!.version], weather.answer)
    return () => reads.list('things', 0, 'every', load)
  },
  changed: (_, __, epochs, chance) => [replaceStamp('things', new Map([[0, epochs[0]!]]), chance)],
}

const aWideList: Subject = {
  partitions: [0, 1],
  ask(reads, { rows, query }, weather) {
    const load = () => query(weather.load, () => rows.map((row) => row.version), weather.answer)
    return () => reads.list('things', 'all', 'every', load)
  },
  changed: (_, __, epochs, chance) => [replaceStamp('things', new Map(epochs.entries()), chance)],
}

export const subjects = { entity: aThing, list: aList, wideList: aWideList }

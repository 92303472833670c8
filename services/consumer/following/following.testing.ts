import process from 'node:process'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import type { Command } from '../../../platform/commands/command.ts'
import {
  parseWatermark,
  WATERMARK_CHANNEL,
  type WatermarkMessage,
} from '../../../platform/commands/watermarks/message.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { commandOf, idIn, projectPayload, taskPayload, testDatabase, userPayload } from '../fixture.testing.ts'
import { type ProgressRow, readProgress } from '../ownership/progress.ts'
import type { OwnedPartition } from '../partition.ts'
import { type Hazard, type Process, startProcess } from '../testing/process.testing.ts'
import { openStage, type Stage } from '../testing/world.testing.ts'

export const P = 1

export interface Owner {
  process: Process
  /** What it called, in order. */
  calls: string[]
  told: WatermarkMessage[]
  partition: Promise<OwnedPartition>
  /** Gives it what the log has from where it is. */
  feed(): Promise<number>
  leave(): Promise<void>
}

/** A stage that is empty before each test, and owners of its partitions that leave after it. */
export interface FollowingBench {
  readonly stage: Stage
  /** The same without a MongoDB. */
  withoutMongo(): Promise<void>
  take(hazard?: Hazard, partition?: number): Owner
  row(): Promise<ProgressRow>
  servedAll(end: number): Promise<void>
}

/** For the file, or the group, that calls it. No promise may be left alone with its error by any of its tests. */
export function openFollowing(): FollowingBench {
  let database: { sql: Sql; drop(): Promise<void> }
  let stage: Stage
  let owners: Owner[]
  const unhandled: unknown[] = []
  const onUnhandled = (error: unknown) => void unhandled.push(error)

  beforeAll(async () => {
    process.on('unhandledRejection', onUnhandled)
    database = await testDatabase()
  })
  beforeEach(async () => {
    owners = []
    stage = await openStage(database.sql)
  })
  afterEach(async () => {
    await Promise.all(owners.map((owner) => owner.leave()))
    await stage.close()
    expect(unhandled).toEqual([])
  })
  afterAll(async () => {
    await database.drop()
    process.off('unhandledRejection', onUnhandled)
  })

  const row = () => readProgress(stage.sql, P)
  return {
    get stage() {
      return stage
    },
    async withoutMongo() {
      await stage.close()
      stage = await openStage(database.sql, null)
    },
    take(hazard, partition) {
      const owner = own(stage, hazard, partition)
      owners.push(owner)
      return owner
    },
    row,
    servedAll: (end) =>
      expect
        .poll(row, { timeout: 15_000, interval: 5 })
        .toMatchObject({ next: end, published: end, decided: end, served: end }),
  }
}

function own(stage: Stage, hazard: Hazard = () => undefined, partition = P): Owner {
  const calls: string[] = []
  const told: WatermarkMessage[] = []
  const lost = new AbortController()
  const started = startProcess({
    ...stage,
    bus: {
      ...stage.bus,
      publish(channel, text) {
        expect(channel).toBe(WATERMARK_CHANNEL)
        told.push(parseWatermark(text)!)
      },
    },
    hazard(call, when) {
      calls.push(`${call} ${when}`)
      return hazard(call, when)
    },
  })
  const owned = started.own(partition, lost.signal)
  owned.catch(() => undefined)
  let from: number | undefined
  return {
    ...{ process: started, calls, told, partition: owned },
    async feed() {
      const own = await owned
      from ??= own.next
      const { ends } = await stage.log.describe('commands')
      while (from < ends[partition]!) {
        from = await own.batch(await stage.read(partition, from, 500), lost.signal)
      }
      return from
    },
    async leave() {
      lost.abort()
      if (!started.dead && !started.asleep) await owned.then((own) => own.close()).catch(() => undefined)
      started.kill()
    },
  }
}

/** Something for both stages, all in one partition. */
export function commands(): Command[] {
  const [user, project] = [idIn(P), idIn(P)]
  const by = { actor: { id: user, role: 'member' as const } }
  return [
    commandOf('user.create', user, userPayload('anna')),
    commandOf('project.create', project, projectPayload('Apollo', 'AP'), by),
    commandOf('task.create', idIn(P), taskPayload('one'), { ...by, root: project }),
    commandOf('task.create', idIn(P), taskPayload('two'), { ...by, root: project }),
  ]
}

/** One more for the first stage alone. */
export const oneMore = (name: string): Command => commandOf('user.create', idIn(P), userPayload(name))

/** It happens the nth time that this call is there, and then no more. */
export function once(call: string, when: string, nth: number, what: ReturnType<Hazard>): Hazard {
  let seen = 0
  return (called, moment) => (called === call && moment === when && ++seen === nth ? what : undefined)
}

import type { Command } from '../../../platform/commands/command.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { systemClock } from '../../../platform/waiting.ts'
import { commandOf, idIn, userPayload } from '../fixture.testing.ts'
import { type ProgressRow, readProgress } from '../ownership/progress.ts'
import type { OwnedPartition } from '../partition.ts'
import { type Hazard, type Process, startProcess } from './process.testing.ts'
import { openStage, type Stage } from './world.testing.ts'

/** One partition, and processes that own it in turns. */
export interface PartitionBench {
  readonly stage: Stage
  /** A process, which goes on undisturbed unless the hazard says otherwise. */
  start(hazard?: Hazard): Process
  /** What is owned so is let go when the bench is closed. */
  own(owner: Process, lost?: AbortController): Promise<OwnedPartition>
  /** Gives an owner its records as the log does, until the signal fires. */
  feed(own: OwnedPartition, lost: AbortSignal): Promise<void>
  row(): Promise<ProgressRow>
  close(): Promise<void>
}

export const P = 1

/** Makes a user, in that partition. */
export const user = (name: string): Command => commandOf('user.create', idIn(P), userPayload(name))

/** @param sql migrated; what it holds is thrown away */
export async function openPartitionBench(sql: Sql): Promise<PartitionBench> {
  const stage = await openStage(sql)
  const opened: OwnedPartition[] = []
  return {
    stage,
    start: (hazard = () => undefined) => startProcess({ ...stage, hazard }),
    async own(owner, lost = new AbortController()) {
      const own = await owner.own(P, lost.signal)
      opened.push(own)
      return own
    },
    async feed(own, lost) {
      let from = own.next
      while (!lost.aborted) {
        const records = await stage.read(P, from)
        if (records.length > 0) from = await own.batch(records, lost)
        else await systemClock.sleep(1, lost)
      }
    },
    row: () => readProgress(stage.sql, P),
    async close() {
      await Promise.all(opened.map((own) => own.close()))
      await stage.close()
    },
  }
}

import type { LogRecord } from '../../../platform/log/port.ts'
import type { Queryable, Sql } from '../../../platform/sql/port.ts'
import { sentenceOf } from '../../../platform/thrown.ts'
import type { EntityDefinition } from '../entity.ts'
import { advance, readCursors } from '../ownership/progress.ts'
import { type Decided, fold, type Item, refuse, unreadable } from './fold.ts'
import { readItems } from './items.ts'
import { drawNumbers, load, loadKnown, lock } from './load.ts'
import { deadInARow, isPoison, violated } from './poison.ts'
import { saveDeadLetters, saveEntities, saveOutcomes } from './save.ts'
import { createWorking } from './world.ts'

/** A batch as committed: what the later stages publish and project. */
export interface Batch {
  partition: number
  first: number
  last: number
  decided: Decided[]
  /** Per partition: what must be on `events` before it. */
  after: number[]
  /** Of its outcomes as JSON, in characters. */
  size: number
}

/** The progress row is not as this owner believes: it was fenced, or the log and the table do not fit. */
export class OutOfStep extends Error {}

/** One call: who decides, the dead letters in a row right before what is decided next, and whether its last batch is full. */
interface Run {
  partition: number
  epoch: number
  dead: number
  full: boolean
}

export interface Decider {
  /**
   * Decides contiguous records of one partition, each exactly once, in as few transactions as the data allow: one, unless
   * a record is poison, which is then found by halving and set aside alone. What is beyond a batch that is full (`fold`) is
   * left for another call, and so is what begins with a command of a newer schema.
   * @param committed told of each batch when it is committed; what it throws ends the call
   * @param dead dead letters in a row right before these records
   * @throws OutOfStep, NewerSchema, SqlError (transient: the same call may succeed later)
   */
  decide(
    partition: number,
    epoch: number,
    records: readonly LogRecord[],
    committed?: (batch: Batch) => void,
    dead?: number,
  ): Promise<Batch[]>
}

export function createDecider(sql: Sql, definitions: readonly EntityDefinition[], incarnation: number): Decider {
  const byKind = new Map(definitions.map((definition) => [definition.kind, definition]))

  async function judge(tx: Queryable, items: readonly Item[], dead: number): Promise<Decided[]> {
    await lock(tx, items)
    const world = createWorking(definitions)
    await load(tx, items, definitions, world)
    const known = await loadKnown(tx, items)
    const decided = fold(items, world, known, incarnation, await drawNumbers(tx, items), dead)
    await saveEntities(tx, definitions, world)
    return decided
  }

  /**
   * Alone in its batch and still refused by Postgres: a broken constraint that has a code answers it, else a dead letter.
   * Where not even that can be written, something in its envelope is poison, and only its position is kept.
   */
  async function setAside(run: Run, item: Item, error: unknown): Promise<Batch> {
    const code = 'command' in item ? violated(error, item.definition) : undefined
    const reason = sentenceOf(error)
    try {
      return await commit(run, [item], async (tx) => {
        const known = await loadKnown(tx, [item])
        return [refuse(item, known, incarnation, code ?? 'command.failed', code ? undefined : reason)]
      })
    } catch (again) {
      if (!isPoison(again)) throw again
      return commit(run, [item], async () => [unreadable(item, incarnation, reason)])
    }
  }

  /** What the judgement decides of the items: all of them, or their beginning. */
  function commit(
    { partition, epoch }: Run,
    items: readonly Item[],
    judgement: (tx: Queryable) => Promise<Decided[]>,
  ): Promise<Batch> {
    const first = items[0]!.position.offset
    return sql.transaction(async (tx) => {
      await step(tx, first, first + items.length)
      const decided = await judgement(tx)
      const end = first + decided.length
      if (decided.length < items.length) await step(tx, first + items.length, end)
      const after = await readCursors(tx, 'next_offset')
      after[partition] = 0
      const size = await saveOutcomes(tx, partition, decided, after)
      await saveDeadLetters(tx, items, decided)
      return { partition, first, last: end - 1, decided, after, size }
    })

    async function step(tx: Queryable, from: number, to: number): Promise<void> {
      if (await advance(tx, partition, epoch, from, to - 1)) return
      throw new OutOfStep(`partition ${partition} is not at ${from} in epoch ${epoch}`)
    }
  }

  /** The items' beginning, committed as one batch; undefined where one of several is poison. */
  async function attempt(run: Run, items: readonly Item[]): Promise<Batch | undefined> {
    try {
      return await commit(run, items, (tx) => judge(tx, items, run.dead))
    } catch (error) {
      if (!isPoison(error)) throw error
      return items.length > 1 ? undefined : setAside(run, items[0]!, error)
    }
  }

  /** The batches in which the items can be committed, in their order. */
  async function* decideItems(run: Run, items: readonly Item[]): AsyncGenerator<Batch> {
    for (let left = items; left.length > 0 && !run.full; ) {
      const batch = await attempt(run, left)
      const taken = batch?.decided.length ?? left.length >> 1
      if (batch) {
        run.dead = deadInARow(run.dead, batch.decided)
        run.full = taken < left.length
        yield batch
      } else yield* decideItems(run, left.slice(0, taken))
      left = left.slice(taken)
    }
  }

  return {
    async decide(partition, epoch, records, committed, dead = 0) {
      const batches: Batch[] = []
      for await (const batch of decideItems({ partition, epoch, dead, full: false }, readItems(records, byKind))) {
        batches.push(batch)
        committed?.(batch)
      }
      return batches
    },
  }
}

import type { LogRecord } from '../../platform/log/port.ts'
import type { Queryable, Sql } from '../../platform/sql/port.ts'
import type { EntityDefinition } from './entity.ts'
import { type Decided, deadOutcome, fold, type Item } from './fold.ts'
import { readItems } from './items.ts'
import { drawNumbers, load, loadKnown, lock } from './load.ts'
import { isPoison, violated } from './poison.ts'
import { advance, readCursors } from './progress.ts'
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
}

/** The progress row is not as this owner believes: it was fenced, or the log and the table do not fit. */
export class OutOfStep extends Error {}

export interface Decider {
  /**
   * Decides contiguous records of one partition, each exactly once, in as few transactions as the data allow: one, unless a record is poison,
   * which is then found by halving and set aside alone.
   * @throws OutOfStep, NewerSchema, SqlError (transient: the same call may succeed later)
   */
  decide(partition: number, epoch: number, records: readonly LogRecord[]): Promise<Batch[]>
}

export function createDecider(sql: Sql, definitions: readonly EntityDefinition[], incarnation: number): Decider {
  const byKind = new Map(definitions.map((definition) => [definition.kind, definition]))

  async function decideItems(partition: number, epoch: number, items: readonly Item[]): Promise<Batch[]> {
    try {
      return [await commit(partition, epoch, items, (tx) => judge(tx, items))]
    } catch (error) {
      if (!isPoison(error)) throw error
      if (items.length === 1) return [await setAside(partition, epoch, items[0]!, error)]
      const middle = items.length >> 1
      const head = await decideItems(partition, epoch, items.slice(0, middle))
      return [...head, ...(await decideItems(partition, epoch, items.slice(middle)))]
    }
  }

  async function judge(tx: Queryable, items: readonly Item[]): Promise<Decided[]> {
    await lock(tx, items)
    const world = createWorking(definitions)
    await load(tx, items, definitions, world)
    const known = await loadKnown(tx, items)
    const decided = fold(items, world, known, incarnation, await drawNumbers(tx, items))
    await saveEntities(tx, definitions, world)
    return decided
  }

  /** Alone in its batch and still refused by Postgres: a broken constraint that has a code answers it, else a dead letter. */
  function setAside(partition: number, epoch: number, item: Item, error: unknown): Promise<Batch> {
    const code = 'definition' in item ? violated(error, item.definition) : undefined
    const reason = error instanceof Error ? error.message : String(error)
    const outcome = code
      ? deadOutcome(item, incarnation, { code })
      : deadOutcome(item, incarnation, { code: 'command.failed' }, reason)
    return commit(partition, epoch, [item], async () => [outcome])
  }

  function commit(
    partition: number,
    epoch: number,
    items: readonly Item[],
    judgement: (tx: Queryable) => Promise<Decided[]>,
  ): Promise<Batch> {
    const first = items[0]!.position.offset
    const last = items[items.length - 1]!.position.offset
    return sql.transaction(async (tx) => {
      if (!(await advance(tx, partition, epoch, first, last))) {
        throw new OutOfStep(`partition ${partition} is not at ${first} in epoch ${epoch}`)
      }
      const decided = await judgement(tx)
      const after = await readCursors(tx, 'next_offset')
      after[partition] = 0
      await saveOutcomes(tx, partition, decided, after)
      await saveDeadLetters(tx, items, decided)
      return { partition, first, last, decided, after }
    })
  }

  return { decide: async (partition, epoch, records) => decideItems(partition, epoch, readItems(records, byKind)) }
}

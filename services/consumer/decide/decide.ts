import type { LogRecord } from '../../../platform/log/port.ts'
import type { Queryable, Sql } from '../../../platform/sql/port.ts'
import type { EntityDefinition } from '../entity.ts'
import { advance, readCursors } from '../ownership/progress.ts'
import { type Decided, fold, type Item, refuse, unreadable } from './fold.ts'
import { readItems } from './items.ts'
import { drawNumbers, load, loadKnown, lock } from './load.ts'
import { DEAD_IN_A_ROW, isPoison, violated } from './poison.ts'
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

/** So many dead letters in a row that whoever asked may want no more of them: the batch is to end behind them. */
class ManyDead extends Error {
  readonly end: number
  constructor(end: number) {
    super(`${DEAD_IN_A_ROW} dead letters in a row`)
    this.end = end
  }
}

interface Owner {
  partition: number
  epoch: number
}

export interface Decider {
  /**
   * Decides contiguous records of one partition, each exactly once, in as few transactions as the data allow: one, unless
   * a record is poison, which is then found by halving and set aside alone. What stands before a command of a newer schema
   * is decided, the rest is left.
   * @param committed told of each batch when it is committed; what it throws ends the call
   * @throws OutOfStep, NewerSchema, SqlError (transient: the same call may succeed later)
   */
  decide(
    partition: number,
    epoch: number,
    records: readonly LogRecord[],
    committed?: (batch: Batch) => void,
  ): Promise<Batch[]>
}

export function createDecider(sql: Sql, definitions: readonly EntityDefinition[], incarnation: number): Decider {
  const byKind = new Map(definitions.map((definition) => [definition.kind, definition]))

  async function judge(tx: Queryable, items: readonly Item[]): Promise<Decided[]> {
    await lock(tx, items)
    const world = createWorking(definitions)
    await load(tx, items, definitions, world)
    const known = await loadKnown(tx, items)
    const decided = fold(items, world, known, incarnation, await drawNumbers(tx, items))
    const end = endOfManyDead(decided)
    if (end < items.length) throw new ManyDead(end)
    await saveEntities(tx, definitions, world)
    return decided
  }

  /**
   * Alone in its batch and still refused by Postgres: a broken constraint that has a code answers it, else a dead letter.
   * Where not even that can be written, something in its envelope is poison, and only its position is kept.
   */
  async function setAside(owner: Owner, item: Item, error: unknown): Promise<Batch> {
    const code = 'command' in item ? violated(error, item.definition) : undefined
    const reason = error instanceof Error ? error.message : String(error)
    try {
      return await commit(owner, [item], async (tx) => {
        const known = await loadKnown(tx, [item])
        return [refuse(item, known, incarnation, code ?? 'command.failed', code ? undefined : reason)]
      })
    } catch (again) {
      if (!isPoison(again)) throw again
      return commit(owner, [item], async () => [unreadable(item, incarnation, reason)])
    }
  }

  function commit(
    { partition, epoch }: Owner,
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

  /** The items committed as one batch, or where to cut them in two. */
  async function attempt(owner: Owner, items: readonly Item[]): Promise<Batch | number> {
    try {
      return await commit(owner, items, (tx) => judge(tx, items))
    } catch (error) {
      if (error instanceof ManyDead) return error.end
      if (!isPoison(error)) throw error
      return items.length > 1 ? items.length >> 1 : setAside(owner, items[0]!, error)
    }
  }

  /** The batches in which the items can be committed, in their order. */
  async function* decideItems(owner: Owner, items: readonly Item[]): AsyncGenerator<Batch> {
    if (items.length === 0) return
    const result = await attempt(owner, items)
    if (typeof result !== 'number') return yield result
    yield* decideItems(owner, items.slice(0, result))
    yield* decideItems(owner, items.slice(result))
  }

  return {
    async decide(partition, epoch, records, committed) {
      const batches: Batch[] = []
      for await (const batch of decideItems({ partition, epoch }, readItems(records, byKind))) {
        batches.push(batch)
        committed?.(batch)
      }
      return batches
    },
  }
}

/** Behind the first run of so many dead letters; the length where there is none. */
function endOfManyDead(decided: readonly Decided[]): number {
  let row = 0
  for (const [index, { dead }] of decided.entries()) {
    row = dead === undefined ? 0 : row + 1
    if (row === DEAD_IN_A_ROW) return index + 1
  }
  return decided.length
}

import { setImmediate } from 'node:timers/promises'
import { alarm } from '../deadline.ts'
import { asError } from '../thrown.ts'
import { type Deferred, deferred } from '../waiting.ts'
import { APPEND_DEADLINE_MS, QUEUE_RECORDS, WRITE_BYTES, WRITE_RECORDS } from './limits.ts'
import { LogUnavailable, type NewRecord } from './port.ts'
import { checkedSize } from './record.ts'

/**
 * Makes one durable write of records and resolves to their offsets, in order. Never called again before it has
 * settled: what arrives meanwhile is the next write, and no write overtakes another. After `deadline` (as
 * performance.now() counts) nobody waits for it any more, unless this process stood still.
 */
export type Write = (records: NewRecord[], deadline: number) => Promise<number[]>

/** Group commit: the calls that wait share a write. */
export interface Accumulator {
  append(records: readonly NewRecord[]): Promise<number[]>
  /** Refuses new calls and waits until the others have their answers, which their deadlines bound. */
  close(): Promise<void>
  /** Resolves when no write is under way: a write may outlast those who waited for it. */
  idle(): Promise<void>
}

interface Call {
  records: readonly NewRecord[]
  sizes: number[]
  offsets: number[]
  /** How many records have gone into a write, and how many of those were acknowledged. */
  taken: number
  acknowledged: number
  deadline: number
  settle(outcome: number[] | LogUnavailable): void
}

interface Taken {
  call: Call
  index: number
}

export function createAccumulator(write: Write, deadlineMs = APPEND_DEADLINE_MS): Accumulator {
  const queue: Call[] = []
  const open = new Set<Call>()
  let queuedRecords = 0
  let pumping: Promise<void> | undefined
  let closing: Deferred<void> | undefined

  async function append(records: readonly NewRecord[]): Promise<number[]> {
    if (closing) throw new LogUnavailable('the log is closed', 'no')
    const sizes = records.map(checkedSize)
    if (records.length > QUEUE_RECORDS) throw new RangeError(`one append takes at most ${QUEUE_RECORDS} records`)
    if (queuedRecords + records.length > QUEUE_RECORDS) {
      throw new LogUnavailable(`${queuedRecords} records are waiting for the log already`, 'no')
    }
    if (records.length === 0) return []
    return new Promise((resolve, reject) => {
      enqueue(records, sizes, (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)))
      pumping ??= pump()
    })
  }

  function enqueue(records: readonly NewRecord[], sizes: number[], answer: Call['settle']): void {
    const deadline = performance.now() + deadlineMs
    const call: Call = { records, sizes, offsets: [], taken: 0, acknowledged: 0, deadline, settle }
    const { cancel } = alarm(deadlineMs, () => settle(overdue(call)))
    function settle(outcome: number[] | LogUnavailable): void {
      if (!open.delete(call)) return
      cancel()
      abandonRest(call)
      answer(outcome)
      if (open.size === 0) closing?.resolve()
    }
    open.add(call)
    queue.push(call)
    queuedRecords += records.length
  }

  /** Takes what is still queued of a call that has its answer back out of the queue. */
  function abandonRest(call: Call): void {
    if (call.taken === call.records.length) return
    queue.splice(queue.indexOf(call), 1)
    queuedRecords -= call.records.length - call.taken
  }

  async function pump(): Promise<void> {
    await setImmediate() // callers of one turn of the event loop share a write
    while (queue.length > 0) await writeOnce(take())
    pumping = undefined
  }

  async function writeOnce(batch: Taken[]): Promise<void> {
    const deadline = batch.at(-1)!.call.deadline
    try {
      const records = batch.map(({ call, index }) => call.records[index]!)
      acknowledge(batch, await write(records, deadline))
    } catch (error) {
      for (const call of new Set(batch.map((taken) => taken.call))) call.settle(failed(call, asError(error)))
    }
  }

  /** The next write: records in the order of their calls; a call may be spread over several writes. */
  function take(): Taken[] {
    const batch: Taken[] = []
    let bytes = 0
    for (let call = queue[0]; call; call = queue[0]) {
      while (call.taken < call.records.length) {
        const size = call.sizes[call.taken]!
        const full = batch.length === WRITE_RECORDS || bytes + size > WRITE_BYTES
        if (full && batch.length > 0) return batch
        batch.push({ call, index: call.taken++ })
        bytes += size
        queuedRecords--
      }
      queue.shift()
    }
    return batch
  }

  async function close(): Promise<void> {
    if (!closing) {
      closing = deferred<void>()
      if (open.size === 0) closing.resolve()
    }
    await closing.promise
  }

  return { append, close, idle: async () => pumping }
}

function acknowledge(batch: Taken[], offsets: number[]): void {
  if (offsets.length !== batch.length) throw new Error(`${batch.length} records were written, not ${offsets.length}`)
  batch.forEach(({ call, index }, place) => {
    call.offsets[index] = offsets[place]!
    call.acknowledged++
  })
  for (const { call } of batch) if (call.acknowledged === call.records.length) call.settle(call.offsets)
}

function overdue(call: Call): LogUnavailable {
  if (call.taken === 0) return new LogUnavailable('the log did not come to this append before its deadline', 'no')
  return new LogUnavailable('the log did not acknowledge this append before its deadline', 'unknown')
}

function failed(call: Call, error: Error): LogUnavailable {
  const nothingWritten = error instanceof LogUnavailable && error.written === 'no' && call.acknowledged === 0
  return new LogUnavailable(error.message, nothingWritten ? 'no' : 'unknown', { cause: error })
}

import type { Kafka } from 'kafkajs'
import { deferred, sleep } from '../../waiting.ts'
import type { Feed } from '../lane.ts'
import { createLanes } from '../lanes.ts'
import type { Logger } from '../logger.ts'
import type { Consumer, Consumption } from '../port.ts'
import { createBuffer, type PartitionBuffer } from './buffer.ts'
import { createCommits } from './commits.ts'
import { joinGroup, type Member } from './member.ts'
import { PlaceLost } from './membership.ts'
import { isPassing } from './persistence.ts'
import { createStallDetector } from './stall.ts'

/** A replica that has just become leader may not know its whole end yet. */
const REACH_MS = 5_000
const REJOIN_MS = 5_000
const STALL_CHECK_MS = 15_000
const STALL_MS = 60_000

export interface GroupOptions {
  kafka: Kafka
  topic: string
  groupId: string
  consumer: Consumer
  /** Where the topic's partitions end. */
  ends(): Promise<number[]>
  logger: Logger
  /** Called when the consumption is over. */
  left(): void
}

/**
 * A place in a Kafka group, taken again after whatever passes. A partition that stays ours through a rebalance goes on
 * without `revoked` and `assigned`: while we keep our member id nobody else has it in between, unless the answer to a
 * join was lost. As with every group in Kafka, who must never work beside another owner has to fence what it writes.
 */
export function consumeFromKafka({ kafka, topic, groupId, consumer, ends, logger, left }: GroupOptions): Consumption {
  const failed = deferred<Error>()
  const stopped = deferred<undefined>()
  const stopping = new AbortController()
  const buffers = new Map<number, PartitionBuffer>()
  const lanes = createLanes({ consumer, openFeed, fault: fail, logger })
  const commits = createCommits(async (offsets) => member?.commit(offsets), logger)
  const stall = createStallDetector(STALL_MS)
  const watch = setInterval(() => void lookForStall(), STALL_CHECK_MS).unref()
  let member: Member | undefined
  let memberId: string | undefined
  let closing: Promise<void> | undefined
  const joining = keepJoining()

  async function keepJoining(): Promise<void> {
    for (let wait = 100; ; wait = Math.min(2 * wait, REJOIN_MS)) {
      member = joinGroup({ kafka, groupId, topic, assigned, fetched })
      const error = await Promise.race([member.ended, stopped.promise])
      if (!error) return
      if (memberId) wait = 100
      loseAll()
      if (!(error instanceof PlaceLost) && !isPassing(error)) return fail(error)
      logger.warn({ err: error, groupId }, 'fell out of the Kafka group; joining it again')
      await member.leave()
      await sleep(wait, stopping.signal)
      if (stopping.signal.aborted) return
    }
  }

  function assigned(id: string, partitions: number[]): void {
    if (closing) return
    if (id !== memberId) loseAll()
    memberId = id
    for (const [partition, buffer] of buffers) {
      if (partitions.includes(partition)) buffer.rejoined()
      else lose(partition)
    }
    lanes.hold(partitions)
    logger.info({ groupId, memberId, partitions: partitions.toSorted((a, b) => a - b) }, 'joined the Kafka group')
  }

  function fetched(partition: number, records: Parameters<PartitionBuffer['offer']>[0]): void {
    buffers.get(partition)?.offer(records)
  }

  function loseAll(): void {
    memberId = undefined
    for (const partition of buffers.keys()) lose(partition)
    lanes.hold([])
  }

  function lose(partition: number): void {
    buffers.delete(partition)
    commits.forget(partition)
  }

  function openFeed(partition: number): Feed {
    const buffer = createBuffer({
      topic,
      partition,
      tap: {
        seek: (offset) => member?.seek(partition, offset),
        pause: () => member?.pause(partition),
        resume: () => member?.resume(partition),
      },
      reaches: (offset, signal) => reaches(partition, offset, signal),
      passed: (offset) => commits.passed(partition, offset),
    })
    buffers.set(partition, buffer)
    return buffer
  }

  async function reaches(partition: number, offset: number, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + REACH_MS
    while (!signal.aborted) {
      const end = (await ends().catch(() => undefined))?.[partition]
      if (end !== undefined && offset <= end) return
      if (end !== undefined && performance.now() > deadline) {
        throw new Error(`partition ${partition} of ${topic} ends at ${end}, before the offset ${offset} asked for`)
      }
      await sleep(500, signal)
    }
  }

  async function lookForStall(): Promise<void> {
    const hungry = [...buffers].map(([partition, buffer]) => [partition, buffer.hungryFor()] as const)
    const hunger = memberId
      ? new Map(hungry.filter((entry): entry is [number, number] => entry[1] !== undefined))
      : null
    const known = await ends().catch(() => undefined)
    if (!known) return stall.forget() // Kafka is away: nothing can be expected of anybody
    const sign = stall.observe(performance.now(), hunger, known)
    if (sign) fail(new Error(`the consumer of ${topic} in ${groupId} has stalled: ${sign}`))
  }

  function fail(error: Error): void {
    if (closing) logger.error({ err: error, groupId }, 'a consumer failed while it was closing')
    else void close().then(() => failed.resolve(error))
  }

  async function close(): Promise<void> {
    closing ??= end().finally(left)
    await closing
  }

  async function end(): Promise<void> {
    clearInterval(watch)
    await lanes.end()
    await commits.end()
    stopping.abort()
    stopped.resolve(undefined)
    await joining
    await member?.leave()
  }

  return { close, failed: failed.promise }
}

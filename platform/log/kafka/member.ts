import type { Kafka, Consumer as KafkaConsumer } from 'kafkajs'
import { asError } from '../../thrown.ts'
import { deferred, settles } from '../../waiting.ts'
import type { LogRecord } from '../port.ts'
import { RETRY } from './client.ts'
import { createMembership } from './membership.ts'
import { toRecord } from './messages.ts'

/** The time after which a group does without a member that fell silent: how long a killed consumer costs. */
const SESSION_MS = 10_000
const HEARTBEAT_MS = 2_000
/** How long a fetch waits for records: also how long a partition that resumes may have to wait for the next fetch. */
const FETCH_WAIT_MS = 250
const LEAVE_MS = 10_000

export interface Member {
  seek(partition: number, offset: number): void
  pause(partition: number): void
  resume(partition: number): void
  commit(offsets: ReadonlyMap<number, number>): Promise<void>
  /** Settles when kafkajs gives up, with its reason, or goes on without a place in the group. */
  ended: Promise<Error>
  leave(): Promise<void>
}

export interface MemberOptions {
  kafka: Kafka
  groupId: string
  topic: string
  /** At each rebalance, before anything is fetched. Another `memberId` than before: all was lost in between. */
  assigned(memberId: string, partitions: number[]): void
  fetched(partition: number, records: LogRecord[]): void
}

/**
 * One kafkajs consumer, from its connection to its crash. Records are handed over at once and never held up here, so
 * kafkajs goes on fetching and its loop sends the heartbeats, however long a batch takes. Nothing of ours throws into
 * kafkajs: a TypeError would kill its loop, another error restart it for ever.
 */
export function joinGroup({ kafka, groupId, topic, assigned, fetched }: MemberOptions): Member {
  const ended = deferred<Error>()
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: SESSION_MS,
    rebalanceTimeout: SESSION_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytesPerPartition: 1024 * 1024,
    maxBytes: 8 * 1024 * 1024,
    allowAutoTopicCreation: false,
    readUncommitted: true, // nobody writes in transactions, so nothing is ever uncommitted
    retry: { ...RETRY, restartOnFailure: async () => false },
  })
  let over = false
  const membership = createMembership(end)

  function end(error: Error): void {
    over = true
    membership.end()
    ended.resolve(error)
  }

  /** kafkajs may go on for a while behind its end: that is nobody's business any more. */
  function guarded(work: () => void): void {
    if (over) return
    try {
      work()
    } catch (error) {
      end(asError(error))
    }
  }

  consumer.on(consumer.events.REBALANCING, () => guarded(membership.rebalancing))
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
    guarded(() => {
      membership.joined(payload.memberId)
      assigned(payload.memberId, payload.memberAssignment[topic] ?? [])
    }),
  )
  consumer.on(consumer.events.HEARTBEAT, ({ payload }) =>
    guarded(() => membership.heartbeat(payload.memberId, payload.groupGenerationId)),
  )
  consumer.on(consumer.events.CRASH, ({ payload }) => end(payload.error))
  const running = run().catch((error) => end(asError(error)))

  async function run(): Promise<void> {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { partition, messages } }) =>
        guarded(() => {
          fetched(
            partition,
            messages.map((message) => toRecord(partition, message)),
          )
        }),
    })
  }

  return {
    ...tapOf(consumer, topic),
    async commit(offsets) {
      const list = [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) }))
      if (list.length > 0) await consumer.commitOffsets(list)
    },
    ended: ended.promise,
    async leave() {
      over = true
      membership.end()
      // A consumer that is told to disconnect while it joins goes on behind our back.
      const left = running.then(() => consumer.disconnect())
      await settles(left, LEAVE_MS)
    },
  }
}

/** While kafkajs is between two groups these are refused: whoever joins anew begins with its own. */
function tapOf(consumer: KafkaConsumer, topic: string): Pick<Member, 'seek' | 'pause' | 'resume'> {
  const attempt = (work: () => void) => {
    try {
      work()
    } catch (error) {
      if (!asError(error).name.startsWith('KafkaJS')) throw error
    }
  }
  return {
    seek: (partition, offset) => attempt(() => consumer.seek({ topic, partition, offset: String(offset) })),
    pause: (partition) => attempt(() => consumer.pause([{ topic, partitions: [partition] }])),
    resume: (partition) => attempt(() => consumer.resume([{ topic, partitions: [partition] }])),
  }
}

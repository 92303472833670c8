import type { Cluster, Kafka, KafkaMessage } from 'kafkajs'
import { sleep } from '../../waiting.ts'
import { BATCH_BYTES } from '../limits.ts'
import { type LogRecord, LogUnavailable, PARTITIONS, type TopicDescription } from '../port.ts'
import { toRecord } from './messages.ts'
import { unavailable } from './persistence.ts'
import { RecordsGone } from './records-gone.ts'
import { openSession, type Session } from './session.ts'
import { fetchTopicId } from './topic-id.ts'

type Fetched = KafkaMessage & { isControlRecord?: boolean }

const DEADLINE_MS = 10_000
const EVERY_PARTITION = Array.from({ length: PARTITIONS }, (_, partition) => ({ partition }))

/** Looks into topics without being a member of any group. */
export interface Inspector {
  ends(topic: string): Promise<number[]>
  describe(topic: string): Promise<TopicDescription>
  read(topic: string, partition: number, from: number, limit: number): Promise<LogRecord[]>
  close(): Promise<void>
}

export function createInspector(kafka: Kafka): Inspector {
  let current: Session | undefined
  let closed = false

  /** A failure costs the connections: the next try makes new ones, and so finds leaders that have moved. */
  async function inspect<T>(topic: string, work: (cluster: Cluster) => Promise<T>): Promise<T> {
    const deadline = performance.now() + DEADLINE_MS
    for (;;) {
      if (closed) throw new LogUnavailable('the log is closed', 'no')
      current ??= openSession(kafka)
      const session = current
      try {
        return await session.use(async (cluster) => {
          await cluster.addTargetTopic(topic)
          return work(cluster)
        })
      } catch (error) {
        if (error instanceof RecordsGone) throw error
        if (current === session) retire()
        if (performance.now() >= deadline) throw unavailable(`cannot look into ${topic}`, error)
        await sleep(200)
      }
    }
  }

  function retire(): Promise<void> | undefined {
    const retired = current?.retire()
    current = undefined
    return retired
  }

  return {
    ends: (topic) => inspect(topic, (cluster) => fetchEnds(cluster, topic)),
    describe: (topic) =>
      inspect(topic, async (cluster) => {
        const id = await fetchTopicId(await leaderOf(cluster, topic, 0), topic)
        return { id, ends: await fetchEnds(cluster, topic) }
      }),
    read: (topic, partition, from, limit) => inspect(topic, (cluster) => fetch(cluster, topic, partition, from, limit)),
    async close() {
      closed = true
      await retire()
    },
  }
}

async function leaderOf(cluster: Cluster, topic: string, partition: number) {
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
  if (nodeId === undefined) throw new Error(`${topic} has no partition ${partition}`)
  return cluster.findBroker({ nodeId })
}

async function fetchEnds(cluster: Cluster, topic: string): Promise<number[]> {
  const [found] = await cluster.fetchTopicsOffset([{ topic, partitions: EVERY_PARTITION, fromBeginning: false }])
  const ends: number[] = []
  for (const { partition, offset } of found?.partitions ?? []) ends[partition] = Number(offset)
  if (Object.keys(ends).length !== PARTITIONS) throw new Error(`Kafka did not tell the ends of ${topic}`)
  return ends
}

async function fetch(cluster: Cluster, topic: string, partition: number, from: number, limit: number) {
  const broker = await leaderOf(cluster, topic, partition)
  const wanted = { partition, fetchOffset: String(from), maxBytes: BATCH_BYTES }
  const request = { maxWaitTime: 0, minBytes: 0, maxBytes: BATCH_BYTES, topics: [{ topic, partitions: [wanted] }] }
  const reply = await broker.fetch({ ...request, isolationLevel: 0 }).catch(async (error: Error) => {
    if (error.name !== 'KafkaJSOffsetOutOfRange') throw error
    if (from < (await fetchEnds(cluster, topic))[partition]!) throw new RecordsGone(topic, partition, from)
  })
  const messages: Fetched[] = reply?.responses[0]?.partitions[0]?.messages ?? []
  // A broker sends whole batches, so the first records may be older than asked for, and the ends of transactions too.
  const records = messages
    .filter(({ offset, isControlRecord }) => Number(offset) >= from && !isControlRecord)
    .map((message) => toRecord(partition, message))
  if (records.some(({ offset }, place) => offset !== from + place)) throw new RecordsGone(topic, partition, from)
  return records.slice(0, limit)
}

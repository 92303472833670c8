import type { Kafka, Producer, RecordMetadata } from 'kafkajs'
import type { Write } from '../accumulator.ts'
import type { NewRecord } from '../port.ts'
import { toMessage } from './messages.ts'
import { persist, unavailable } from './persistence.ts'

const EVERY_REPLICA = -1
/** How long a broker waits for its replicas: less than our patience with the broker (client.ts). */
const REPLICAS_MS = 4_500

/**
 * `idempotent` stays false: kafkajs takes a sequence number back when an acknowledgement is lost, the broker takes the
 * next batch under that number for a duplicate, and a record counts as acknowledged that was never written. Consumers
 * drop doubles by command id, so nothing is lost without it.
 *
 * kafkajs itself does not retry (the writers below do): its retry leaves out partitions whose leader has moved to a
 * broker that has answered already.
 */
export async function connectProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    idempotent: false,
    allowAutoTopicCreation: false,
    retry: { retries: 0 },
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition!,
  })
  try {
    await producer.connect()
  } catch (error) {
    void producer.disconnect().catch(() => undefined)
    throw unavailable('cannot connect to Kafka', error)
  }
  return producer
}

/** Sends each batch until it is acknowledged or nobody waits for it any more. */
export function createWriter(producer: Producer, topic: string): Write {
  return (records, deadline) =>
    persist(async () => {
      const topicMessages = [{ topic, messages: records.map(toMessage) }]
      return offsetsOf(records, await producer.sendBatch({ acks: EVERY_REPLICA, timeout: REPLICAS_MS, topicMessages }))
    }, deadline)
}

/** Kafka answers with the offset of the first record per partition; the others follow it in the order sent. */
export function offsetsOf(records: readonly NewRecord[], replies: readonly RecordMetadata[]): number[] {
  const next = new Map(replies.map(({ partition, baseOffset }) => [partition, Number(baseOffset ?? -1)]))
  return records.map(({ partition }) => {
    const offset = next.get(partition) ?? -1
    if (!(offset >= 0)) throw new Error(`Kafka did not say where it put the records of partition ${partition}`)
    next.set(partition, offset + 1)
    return offset
  })
}

import { settles } from '../waiting.ts'
import type { KafkaAccess } from './access.ts'
import { createAccumulator } from './accumulator.ts'
import { createClient } from './kafka/client.ts'
import { consumeFromKafka } from './kafka/group.ts'
import { createInspector } from './kafka/inspector.ts'
import { connectProducer, createWriter } from './kafka/producer.ts'
import { ensureTopics } from './kafka/topics.ts'
import { silenceNegativeTimeouts } from './kafka/warnings.ts'
import { type Logger, silent } from './logger.ts'
import { type Consumption, type Log, LogUnavailable, type Topic } from './port.ts'

/** How long a broker that does not answer may hold up closing; what is left is released in the background. */
const DISCONNECT_MS = 5_000

export interface KafkaLogOptions {
  /** Bootstrap servers, `host:port`. */
  brokers: readonly string[]
  clientId: string
  access?: KafkaAccess
  /** Put before the names of topics and groups, so that several installations can share a cluster. */
  topicPrefix?: string
  /** Of topics that are missing, and so made; -1 leaves it to the broker. */
  replicationFactor?: number
  logger?: Logger
}

/**
 * The log in Kafka, one topic each. Throws LogUnavailable if Kafka does not answer, and a sentence if it refuses the login or
 * the topics are not fit; once open it outlives Kafka's absences.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<Log> {
  const { topicPrefix = '', replicationFactor = -1, logger = silent } = options
  const names: Record<Topic, string> = { commands: `${topicPrefix}commands`, events: `${topicPrefix}events` }
  silenceNegativeTimeouts()
  const kafka = createClient({ ...options, logger })
  await ensureTopics(kafka, { names: Object.values(names), replicationFactor, logger })
  const producer = await connectProducer(kafka)
  const inspector = createInspector(kafka)
  const writers = {
    commands: createAccumulator(createWriter(producer, names.commands)),
    events: createAccumulator(createWriter(producer, names.events)),
  }
  const consumptions = new Set<Consumption>()
  let closing: Promise<void> | undefined

  return {
    append: (topic, records) => writers[topic].append(records),

    async consume(topic, group, consumer) {
      if (closing) throw new LogUnavailable('the log is closed', 'no')
      const ends = () => inspector.ends(names[topic])
      const groupId = topicPrefix + group
      const left = () => consumptions.delete(consumption)
      const consumption = consumeFromKafka({ kafka, topic: names[topic], groupId, consumer, ends, logger, left })
      consumptions.add(consumption)
      return consumption
    },

    read: (topic, partition, from, limit) => inspector.read(names[topic], partition, from, limit),
    describe: (topic) => inspector.describe(names[topic]),

    async close() {
      closing ??= release()
      await closing
    },
  }

  async function release(): Promise<void> {
    const written = [writers.commands.close(), writers.events.close()]
    await Promise.all([...consumptions].map((consumption) => consumption.close()))
    await Promise.all(written)
    // A producer that is disconnected under a write would connect again, for good.
    const idle = Promise.all([writers.commands.idle(), writers.events.idle()])
    const released = Promise.all([idle.then(() => producer.disconnect()), inspector.close()])
    await settles(released, DISCONNECT_MS)
  }
}

import type { Admin, Kafka } from 'kafkajs'
import { asError } from '../../thrown.ts'
import type { Logger } from '../logger.ts'
import { PARTITIONS } from '../port.ts'
import { isRefusedLogin } from './access.ts'
import { persist, unavailable } from './persistence.ts'

const DEADLINE_MS = 15_000
/** `ConfigResourceTypes.TOPIC`, which kafkajs does not export to ES modules. */
const TOPIC = 2

/** A log is kept for ever; and a broker must not refuse a record because of our clock. */
const CONFIG: Record<string, string> = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'message.timestamp.type': 'LogAppendTime',
}
/** Without these, records would vanish: a topic made by somebody else is checked for them. */
const VITAL = ['cleanup.policy', 'retention.ms', 'retention.bytes']

export interface TopicsOptions {
  names: string[]
  /** -1: as the broker is configured. */
  replicationFactor: number
  logger: Logger
}

/** Makes the topics that are missing, and looks whether all are fit to be a log; throws a sentence if they are not. */
export async function ensureTopics(kafka: Kafka, options: TopicsOptions): Promise<void> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    const existing = await admin.listTopics()
    const missing = options.names.filter((name) => !existing.includes(name))
    if (missing.length > 0) await make(admin, missing, options)
    for (const name of options.names) await checkPartitions(admin, name)
    await checkConfigs(admin, options)
  } catch (error) {
    if (!asError(error).name.startsWith('KafkaJS')) throw error
    if (isRefusedLogin(error)) throw refusedLogin(asError(error))
    throw unavailable('cannot reach the topics in Kafka', error)
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

const refusedLogin = (cause: Error): Error =>
  new Error(`Kafka refuses the login (${cause.message}). Correct KAFKA_USERNAME, KAFKA_PASSWORD or KAFKA_SASL.`, {
    cause,
  })

async function make(admin: Admin, names: string[], { replicationFactor, logger }: TopicsOptions) {
  const configEntries = Object.entries(CONFIG).map(([name, value]) => ({ name, value }))
  const topics = names.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor, configEntries }))
  for (const topic of topics) {
    // One by one: asked for together, one that somebody else has just made would fail both.
    const made = await admin
      .createTopics({ topics: [topic], waitForLeaders: false })
      .catch((error) => refused(topic, error))
    if (made) logger.info(topic, 'made a topic')
  }
}

/** kafkajs keeps the broker's reasons in a list beside its own message. */
function refused({ topic }: { topic: string }, error: Error & { errors?: Error[] }): never {
  if (!error.errors) throw error
  throw new Error(`Kafka does not make the topic ${topic}: ${error.errors.map(({ message }) => message).join('; ')}`)
}

async function checkPartitions(admin: Admin, name: string): Promise<void> {
  // A topic just made is unknown to the broker for a moment.
  const metadata = await persist(() => admin.fetchTopicMetadata({ topics: [name] }), performance.now() + DEADLINE_MS)
  const partitions = metadata.topics[0]?.partitions.length
  if (partitions === PARTITIONS) return
  throw new Error(
    `The topic ${name} has ${partitions} partitions, and the log needs exactly ${PARTITIONS}: keys would move between ` +
      'partitions. Move its records into a new topic, or choose another topic prefix.',
  )
}

async function checkConfigs(admin: Admin, { names, logger }: TopicsOptions): Promise<void> {
  const resources = names.map((name) => ({ type: TOPIC, name, configNames: VITAL }))
  const described = await admin.describeConfigs({ resources, includeSynonyms: false }).catch((error: Error) => {
    logger.warn({ err: error }, 'cannot see whether the topics keep their records for ever')
  })
  for (const { resourceName, configEntries } of described?.resources ?? []) {
    for (const { configName, configValue } of configEntries) {
      const wanted = CONFIG[configName]
      if (configValue === wanted) continue
      throw new Error(
        `The topic ${resourceName} has ${configName}=${configValue}, so it would lose records, and the log is kept ` +
          `for ever. Set ${configName}=${wanted} on it.`,
      )
    }
  }
}

import type { KafkaAccess } from './access.ts'
import type { Logger } from './logger.ts'
import type { Log } from './port.ts'

export interface LogOptions {
  /** Kafka's bootstrap servers, `host:port`; without them the log is files. */
  brokers?: readonly string[]
  access?: KafkaAccess
  /** Where the files are; needed without brokers. */
  directory?: string
  /** Put before the names of topics and groups, so that several installations can share a cluster. */
  topicPrefix?: string
  clientId?: string
  /** Of topics that are missing, and so made; by default the broker's own choice. */
  replicationFactor?: number
  logger?: Logger
}

/** Opens the log that the options name: Kafka if there are brokers, otherwise files. */
export async function openLog(options: LogOptions): Promise<Log> {
  const { brokers = [], directory, clientId = 'trefoil', ...rest } = options
  if (brokers.length > 0) {
    const { openKafkaLog } = await import('./kafka.ts')
    return openKafkaLog({ brokers, clientId, ...rest })
  }
  if (!directory) throw new Error('the log needs brokers, or a directory for its files')
  const { openFileLog } = await import('./files.ts')
  return openFileLog({ directory, logger: options.logger })
}

import { Kafka, type logCreator, logLevel } from 'kafkajs'
import type { KafkaAccess } from '../access.ts'
import type { Logger } from '../logger.ts'
import { accessOptions } from './access.ts'

/** How kafkajs' own repeated work is paced: connections, metadata, finding a group's coordinator. */
export const RETRY = { initialRetryTime: 50, maxRetryTime: 1_000, retries: 4 }

const REPEAT_MS = 10_000

export interface ClientOptions {
  brokers: readonly string[]
  clientId: string
  access?: KafkaAccess
  logger: Logger
}

export function createClient({ brokers, clientId, access = {}, logger }: ClientOptions): Kafka {
  return new Kafka({
    brokers: [...brokers],
    clientId,
    ...accessOptions(access),
    requestTimeout: 5_000,
    connectionTimeout: 3_000,
    retry: RETRY,
    logLevel: logLevel.WARN,
    logCreator: quieter(logger),
  })
}

/**
 * What kafkajs calls errors it mostly mends itself, and what it cannot mend reaches us as a thrown error or a crash: so
 * its errors are warnings here, its warnings notes, and one text is repeated every ten seconds at most. Negative
 * replies of a broker are noise: the first join of a group and a topic just made are full of them.
 */
function quieter(logger: Logger): logCreator {
  const lately = new Map<string, number>()

  function isRepeated(message: string): boolean {
    const now = performance.now()
    for (const [text, time] of lately) if (now - time > REPEAT_MS) lately.delete(text)
    if (lately.has(message)) return true
    lately.set(message, now)
    return false
  }

  return () =>
    ({ namespace, level, log: { message, timestamp: _, logger: __, ...fields } }) => {
      const text = `kafka ${namespace}: ${message}`
      if (message.startsWith('Response ') || isRepeated(text)) logger.debug(fields, text)
      else if (level === logLevel.ERROR) logger.warn(fields, text)
      else logger.info(fields, text)
    }
}

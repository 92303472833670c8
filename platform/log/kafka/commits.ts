import { asError } from '../../thrown.ts'
import { settles } from '../../waiting.ts'
import type { Logger } from '../logger.ts'

const EVERY_MS = 1_000
const PATIENCE_MS = 2_000

/**
 * Tells Kafka how far a group is, for the sake of Kafka's own tools: at most once a second, and never mind if it fails.
 * Where to go on is never read from there.
 */
export interface Commits {
  passed(partition: number, offset: number): void
  /** The partition is another member's business now. */
  forget(partition: number): void
  /** Sends what is left, and ends. */
  end(): Promise<void>
}

export function createCommits(
  commit: (offsets: ReadonlyMap<number, number>) => Promise<void>,
  logger: Logger,
): Commits {
  let waiting = new Map<number, number>()
  let timer: NodeJS.Timeout | undefined
  let ended = false

  async function flush(): Promise<void> {
    timer = undefined
    const offsets = waiting
    waiting = new Map()
    if (offsets.size === 0) return
    await commit(offsets).catch((error) => logger.debug({ err: asError(error) }, 'offsets were not committed'))
  }

  return {
    passed(partition, offset) {
      if (ended) return
      waiting.set(partition, offset)
      timer ??= setTimeout(() => void flush(), EVERY_MS).unref()
    },
    forget: (partition) => void waiting.delete(partition),
    async end() {
      ended = true
      clearTimeout(timer)
      await settles(flush(), PATIENCE_MS)
    },
  }
}

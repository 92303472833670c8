import { asError } from '../../thrown.ts'
import { sleep } from '../../waiting.ts'
import { LogUnavailable } from '../port.ts'

/** Tries until it works, the deadline (as performance.now() counts) is too near, or trying again could not help. */
export async function persist<T>(work: () => Promise<T>, deadline: number): Promise<T> {
  for (let wait = 50; ; wait = Math.min(wait * 2, 1_000)) {
    try {
      return await work()
    } catch (error) {
      const pause = wait * (0.8 + Math.random() * 0.4)
      if (!isPassing(error) || performance.now() + pause >= deadline) throw error
      await sleep(pause)
    }
  }
}

/** Whether it may work later. kafkajs marks what it gave up as final, even where only its patience ended. */
export function isPassing(error: unknown): boolean {
  const { name, retriable, cause } = error as { name?: string; retriable?: boolean; cause?: unknown }
  if (!name?.startsWith('KafkaJS')) return false
  return retriable === true || name === 'KafkaJSNumberOfRetriesExceeded' || (cause instanceof Error && isPassing(cause))
}

export function unavailable(what: string, error: unknown): LogUnavailable {
  return new LogUnavailable(`${what}: ${asError(error).message}`, 'no', { cause: error })
}

import { deferred } from '../../waiting.ts'
import { createLanes } from '../lanes.ts'
import { BATCH_BYTES, BATCH_RECORDS } from '../limits.ts'
import type { Logger } from '../logger.ts'
import { type Consumer, type Consumption, PARTITIONS } from '../port.ts'
import type { TopicFile } from './topic-file.ts'

const EVERY_PARTITION = Array.from({ length: PARTITIONS }, (_, partition) => partition)

export interface MembershipOptions {
  file: TopicFile
  consumer: Consumer
  logger: Logger
  /** Called once, when another member may take its place. */
  left(): void
}

/** The only member of a group in this process: it holds every partition until it closes or fails. */
export function joinLocally({ file, consumer, logger, left }: MembershipOptions): Consumption {
  const failed = deferred<Error>()
  let closing: Promise<void> | undefined
  const lanes = createLanes({ consumer, openFeed, fault, logger })
  lanes.hold(EVERY_PARTITION)

  function openFeed(partition: number) {
    return {
      async next(from: number, signal: AbortSignal) {
        if (from > file.ends[partition]!) {
          throw new Error(`partition ${partition} ends at ${file.ends[partition]}, before the offset ${from} asked for`)
        }
        while (from === file.ends[partition] && !signal.aborted) await file.grown(signal)
        return signal.aborted ? [] : file.read(partition, from, BATCH_RECORDS, BATCH_BYTES)
      },
    }
  }

  function fault(error: Error): void {
    if (closing) logger.error({ err: error }, 'a consumer failed while it was closing')
    else void close().then(() => failed.resolve(error))
  }

  async function close(): Promise<void> {
    closing ??= lanes.end().finally(left)
    await closing
  }

  return { close, failed: failed.promise }
}

import type { Logger } from 'pino'
import { traceIdOf } from '../../../platform/telemetry/traceparent.ts'
import type { Batch } from '../decide/decide.ts'
import type { Decided } from '../decide/fold.ts'

/** What became of commands, a line each, so that one request is found in the consumer's log as in the service's. */
export interface BatchLog {
  /** A dead letter is somebody's work; the rest is for whoever follows a request, at debug. */
  decided(batch: Batch): void
  /** MongoDB has them. */
  served(batch: Batch): void
}

export function createBatchLog(logger: Logger): BatchLog {
  const tell = ({ decided }: Batch, line: (one: Decided) => void) => {
    if (logger.isLevelEnabled('debug')) for (const one of decided) line(one)
  }

  return {
    decided(batch) {
      for (const one of batch.decided) {
        if (one.dead !== undefined) logger.warn({ ...named(one), reason: one.dead }, 'set aside as a dead letter')
      }
      tell(batch, (one) => {
        const { rejection, repeats } = one.outcome
        const outcome = rejection?.code ?? (repeats ? 'repeated' : 'succeeded')
        logger.debug({ ...named(one), outcome, version: one.version }, 'decided')
      })
    },
    served: (batch) => tell(batch, (one) => logger.debug(named(one), 'served')),
  }
}

const named = ({ outcome: { offset, request, traceparent, command, type } }: Decided) => ({
  requestId: request,
  traceId: traceIdOf(traceparent),
  offset,
  command,
  type,
})

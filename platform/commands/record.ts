import { partitionOf } from '../log/partition.ts'
import type { NewRecord } from '../log/port.ts'
import type { Command, Outcome } from './command.ts'

/** What a record says of itself to whoever does not read its value: tools, and other consumers of the topics. */
export const recordHeaders = ({ type, request, traceparent }: Pick<Command, 'type' | 'request' | 'traceparent'>) => ({
  type,
  request,
  ...(traceparent !== undefined && { traceparent }),
})

/** A command as it stands on `commands`. */
export const commandRecord = (command: Command): NewRecord => ({
  partition: partitionOf(command.root),
  key: command.root,
  value: JSON.stringify(command),
  headers: recordHeaders(command),
})

/** An outcome as it stands on `events`. */
export const eventRecord = (outcome: Outcome): NewRecord => ({
  partition: outcome.partition,
  key: outcome.entity,
  value: JSON.stringify(outcome),
  headers: recordHeaders(outcome),
})

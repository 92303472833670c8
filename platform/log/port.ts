/**
 * The log: an append-only, partitioned, durable sequence of records per topic. Two topics exist, `commands` and
 * `events`, each with PARTITIONS partitions, kept for ever. Within a partition offsets are contiguous from 0.
 */
export type Topic = 'commands' | 'events'

/** Fixed for the life of a log: consumers refuse a log that has another count. */
export const PARTITIONS = 12

export interface NewRecord {
  /** Records of one key always go to the same partition (`partitionOf`). */
  partition: number
  key: string
  /** UTF-8 JSON text. */
  value: string
  headers?: Record<string, string>
}

export interface LogRecord {
  partition: number
  offset: number
  key: string
  value: string
  headers: Record<string, string>
}

/** What identifies a topic and how far it reaches; `ends[p]` is the offset that the next record of partition p gets. */
export interface TopicDescription {
  /** Differs when the topic was made anew. */
  id: string
  ends: number[]
}

/**
 * One member of a consumer group. The log calls these and owns the loop; none of them may throw for a reason of the
 * data: a throw is a fault of the process, ends the consumption and is given to `Consumption.failed`.
 */
export interface Consumer {
  /**
   * A partition was assigned. Resolves to the offset to read from. Called before any `batch` of the assignment, also
   * when there is nothing to read.
   */
  assigned(partition: number, signal: AbortSignal): Promise<number>
  /**
   * Records in offset order, never concurrently for one partition. Resolves once they are dealt with, or as soon as the signal fires:
   * it does when the partition is lost or the consumption is closing. Resolves to the offset to read next: normally
   * last + 1, another one seeks.
   */
  batch(partition: number, records: LogRecord[], signal: AbortSignal): Promise<number>
  /** The partition is lost, or the consumption is closing; the log waits for it (bounded) before it lets go. */
  revoked(partition: number): Promise<void>
}

export interface Consumption {
  /** Stops fetching, lets running batches end (bounded), calls `revoked`, leaves the group. Idempotent. */
  close(): Promise<void>
  /** Settles when the consumption ends by itself, with the reason; pending while it works, and after `close`. */
  failed: Promise<Error>
}

export interface Log {
  /**
   * Appends one topic's records; records of one partition keep their order, also relative to earlier calls that
   * have been acknowledged. Resolves, in the order given, to their offsets once every record is durable
   * (Kafka: acks from all in-sync replicas; embedded: synced to disk). Calls are accumulated into larger writes.
   * @throws LogUnavailable `written: 'no'`: certainly not appended (queue full, deadline passed before it was sent);
   *   `written: 'unknown'`: sent, never acknowledged. At most 10 s pass.
   */
  append(topic: Topic, records: readonly NewRecord[]): Promise<number[]>
  /** Joins `group`: partitions are shared out among its members; delivery is at least once, in offset order. */
  consume(topic: Topic, group: string, consumer: Consumer): Promise<Consumption>
  /** Reads durable records of one partition from an offset, at most `limit` (some, or none at the end). */
  read(topic: Topic, partition: number, from: number, limit: number): Promise<LogRecord[]>
  /** Identity and ends as they are now. */
  describe(topic: Topic): Promise<TopicDescription>
  /** Lets running appends end (bounded), then releases everything; appends after it are refused. Idempotent. */
  close(): Promise<void>
}

export class LogUnavailable extends Error {
  readonly written: 'no' | 'unknown'
  constructor(message: string, written: 'no' | 'unknown', options?: ErrorOptions) {
    super(message, options)
    this.name = 'LogUnavailable'
    this.written = written
  }
}

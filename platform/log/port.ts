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
  /** UTF-8 JSON text. With key and headers at most 900 KiB. */
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
 * data: a throw is a fault of the process, ends the consumption and is given to `Consumption.failed` (unless it is the
 * signal's own reason, or an AbortError, after the signal has fired).
 */
export interface Consumer {
  /**
   * A partition was assigned. Resolves to the offset to read from; one beyond the end of the log is a fault. Called
   * before any `batch` of the assignment, also when there is nothing to read, and not for a partition that this member
   * keeps through a rebalance.
   */
  assigned(partition: number, signal: AbortSignal): Promise<number>
  /**
   * Records in offset order, never concurrently for one partition; a slow one holds up its own partition only.
   * Resolves once they are dealt with, or as soon as the signal fires: it does when the partition is lost or the
   * consumption is closing. Resolves to the offset to read next: normally last + 1, another one seeks.
   */
  batch(partition: number, records: LogRecord[], signal: AbortSignal): Promise<number>
  /**
   * The partition is lost, or the consumption is closing; the log waits for it (bounded) before it lets go. Called after
   * the running batch has ended, unless that outlasts its signal by 5 s; once per `assigned`.
   */
  revoked(partition: number): Promise<void>
}

export interface Consumption {
  /** Fires the signals, lets running batches end (bounded), calls `revoked`, leaves the group. Idempotent. */
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
   * @throws RangeError for what could never be appended: too large a record, more than 5,000 at once, no such partition.
   */
  append(topic: Topic, records: readonly NewRecord[]): Promise<number[]>
  /**
   * Joins `group`: partitions are shared out among its members; delivery is at least once, in offset order. Resolves
   * before the group is joined, and joins again by itself after whatever passes. The embedded log has one member per
   * group and refuses another.
   */
  consume(topic: Topic, group: string, consumer: Consumer): Promise<Consumption>
  /**
   * Reads durable records of one partition from an offset, at most `limit` (some, or none at the end and beyond).
   * This and `describe` throw LogUnavailable when the log does not answer within 10 s.
   */
  read(topic: Topic, partition: number, from: number, limit: number): Promise<LogRecord[]>
  /** Identity and ends as they are now. */
  describe(topic: Topic): Promise<TopicDescription>
  /**
   * Closes what still consumes, lets running appends end (bounded), then releases everything; appends after it are
   * refused, so whoever appends from within a batch closes the consumption first. Idempotent.
   */
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

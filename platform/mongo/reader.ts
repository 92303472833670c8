import type { Db } from 'mongodb'
import { type BreakerOptions, createBreaker } from '../breaker.ts'
import { withDeadline } from '../deadline.ts'
import { answered, isOutage } from './failure.ts'

/**
 * MongoDB as requests read it. They do not wait for a server that answers nobody: after a few that waited in vain the others
 * are refused at once, until one that is let through gets an answer. What must be done in the end, as the consumer's
 * writing, goes past this and is tried again.
 */
export interface MongoReader {
  db: Db
  /** What the call answers, or the driver's error. @throws MongoUnavailable in an outage */
  read<T>(call: () => Promise<T>): Promise<T>
}

export interface MongoReaderOptions extends Omit<BreakerOptions, 'isOutage'> {
  /** For one call, with all that the driver does for it: finding a server, a connection, a second try. */
  deadlineMs?: number
}

export function createMongoReader(db: Db, { deadlineMs = 2000, ...options }: MongoReaderOptions = {}): MongoReader {
  const breaker = createBreaker({ restMs: 1000, ...options, isOutage })
  return { db, read: (call) => answered(breaker.run(() => withDeadline(call(), deadlineMs))) }
}

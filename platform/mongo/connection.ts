import { type Db, MongoClient } from 'mongodb'
import { sleep, within } from '../waiting.ts'
import { createMongoReader, type MongoReader } from './reader.ts'

export interface Mongo {
  /** The database named in the url. Its calls fail within seconds while there is no server, and work again when there is. */
  db: Db
  /** The same for requests; one for all of a process, because what one learns of an outage serves the others. */
  reader: MongoReader
  /** Resolves if the server answers in time, rejects with the reason otherwise. */
  ping(deadlineMs: number): Promise<void>
  /** Bounded; calls that run are given up. Idempotent. */
  close(): Promise<void>
}

export interface MongoOptions {
  url: string
  applicationName?: string
  /** To find a server, to connect to it, and to get a connection from the pool: each. */
  connectMs?: number
  /** For the answer to one call; longer for scripts that build indexes. Without it a half-open connection waits for ever. */
  answerMs?: number
  poolSize?: number
}

const CLOSE_MS = 5000

/**
 * Connects by itself, at once and until it succeeds; the server need not be there yet. Writes are acknowledged by a
 * majority. The driver retries a read or a write once after a failover; on a server that has no sessions for that (a
 * single one, or FerretDB, which stands in for MongoDB in `test/stack`) it does not try to.
 */
export function openMongo(options: MongoOptions): Mongo {
  const { url, applicationName = 'trefoil', connectMs = 2000, answerMs = 5000, poolSize = 50 } = options
  const client = new MongoClient(url, {
    appName: applicationName,
    writeConcern: { w: 'majority' },
    retryWrites: true,
    retryReads: true,
    serverSelectionTimeoutMS: connectMs,
    connectTimeoutMS: connectMs,
    waitQueueTimeoutMS: connectMs,
    socketTimeoutMS: answerMs,
    heartbeatFrequencyMS: 2000,
    maxPoolSize: poolSize,
    maxIdleTimeMS: 60_000,
  })
  const db = client.db()
  const stop = new AbortController()
  let refusal: unknown
  const connecting = connect(client, stop.signal, (error) => {
    refusal = error
  })
  let closing: Promise<void> | undefined

  return {
    db,
    reader: createMongoReader(db),
    async ping(deadlineMs) {
      const answer = db.command({ ping: 1 }).catch((error) => {
        throw refusal ?? error // rather the reason than that the connection failed before
      })
      if (!(await within(answer, deadlineMs))) throw new Error(`MongoDB did not answer within ${deadlineMs} ms`)
    },
    close() {
      stop.abort()
      closing ??= within(
        client.close().then(() => connecting),
        CLOSE_MS,
      )
      return closing
    },
  }
}

/**
 * A client whose first connection failed says "Topology is closed" to every call from then on, until it is told to
 * connect again. Once it was connected it finds its way back by itself.
 */
async function connect(client: MongoClient, signal: AbortSignal, onTrouble: (error: unknown) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      await client.connect()
      return onTrouble(undefined)
    } catch (error) {
      onTrouble(error)
      await sleep(250, signal)
    }
  }
}

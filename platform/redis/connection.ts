import { Redis, type RedisOptions } from 'ioredis'

/** How long a server may keep silent while commands wait, in so many looks. */
const SILENCE_MS = 1000
const LOOKS = 4

/**
 * A connection to Redis that fails fast and comes back by itself: a command is refused at once while there is no
 * connection, never sent twice, and never kept for later. Its absence is no error: it is tried for ever, each second.
 */
export function connectRedis(url: string, options: RedisOptions = {}): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 1000,
    disconnectTimeout: 500,
    keepAlive: 10_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 5), 1000) * (0.75 + Math.random() / 2),
    ...options,
  })
  redis.on('error', () => undefined) // calls tell of the trouble; what nobody hears would be printed
  redis.on('connect', () => giveUpSilence(redis))
  return redis
}

/**
 * A connection on which nothing comes while commands wait (the handshake's too) is given up, and with it its queue of
 * replies: ioredis' commandTimeout would only settle the promises, and leave the queue to grow. Its socketTimeout would
 * hold a standstill of this process against the server. Here that is one look, however long it was: what has arrived
 * meanwhile is read before the next.
 */
function giveUpSilence(redis: Redis): void {
  const { stream } = redis
  let silent = 0
  stream.on('data', () => {
    silent = 0
  })
  const looking = setInterval(() => {
    if (redis.commandQueue.length === 0) silent = 0
    else if (silent++ === LOOKS) stream.destroy(new Error(`Redis kept silent for ${SILENCE_MS} ms`))
  }, SILENCE_MS / LOOKS)
  stream.once('close', () => clearInterval(looking))
}

/** Drops the connection and what still waits for a reply. */
export async function closeRedis(redis: Redis): Promise<void> {
  const connected = redis.status === 'connecting' || redis.status === 'connect' || redis.status === 'ready'
  const ended = new Promise<void>((resolve) => {
    if (connected) redis.once('end', resolve)
    else resolve()
  })
  redis.disconnect()
  await ended
}

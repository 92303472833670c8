import { Redis, type RedisOptions } from 'ioredis'

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
    // A server that keeps silent for so long while commands wait (the handshake's too) is given up, and with it its
    // queue of replies. ioredis' commandTimeout would only settle the promises, and leave the queue to grow.
    socketTimeout: 1000,
    disconnectTimeout: 500,
    keepAlive: 10_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 5), 1000) * (0.75 + Math.random() / 2),
    ...options,
  })
  redis.on('error', () => undefined) // calls tell of the trouble; what nobody hears would be printed
  return redis
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

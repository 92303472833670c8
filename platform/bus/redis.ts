import { closeRedis, connectRedis } from '../redis/connection.ts'
import { createListeners } from './listeners.ts'
import type { Bus } from './port.ts'

export interface RedisBusOptions {
  url: string
  /** Before every channel. The number of the database is there already: pub/sub itself knows no databases. */
  prefix?: string
  heartbeatMs?: number
}

/** Messages that may wait for the server at once; more are dropped. */
const MOST_UNDER_WAY = 1000

/** Pub/sub of Redis, which need not be there: meanwhile messages are lost. */
export function openRedisBus({ url, prefix = '', heartbeatMs = 5000 }: RedisBusOptions): Bus {
  const publisher = connectRedis(url, { enableAutoPipelining: true })
  const subscriber = connectRedis(url, { autoResubscribe: false }) // ioredis leaves the rejection of its own unhandled
  const listeners = createListeners()
  const nameOf = (channel: string) => `${publisher.options.db ?? 0}:${prefix}${channel}`
  let underWay = 0
  let closing: Promise<void> | undefined

  /** While there is no connection this fails, and `ready` does it. */
  function listen(names: string[]) {
    if (names.length > 0) subscriber.subscribe(...names).catch(() => undefined)
  }

  subscriber.on('ready', () => listen(listeners.channels()))
  subscriber.on('message', (name: string, message: string) => {
    for (const deliver of listeners.to(name)) deliver(message)
  })

  // A subscriber only waits, so without this it would never find out that its connection is dead. Subscribing again
  // changes nothing, except that it mends a subscription that was refused.
  const heartbeat = setInterval(() => listen(listeners.channels()), heartbeatMs)
  heartbeat.unref()

  return {
    publish(channel, message) {
      if (underWay >= MOST_UNDER_WAY) return
      underWay++
      publisher
        .publish(nameOf(channel), message)
        .catch(() => undefined)
        .finally(() => underWay--)
    },

    subscribe(channel, listener) {
      if (closing) return () => undefined
      const name = nameOf(channel)
      const { first, remove } = listeners.add(name, listener, () => {
        subscriber.unsubscribe(name).catch(() => undefined)
      })
      if (first) listen([name])
      return remove
    },

    close() {
      closing ??= Promise.all([closeRedis(publisher), closeRedis(subscriber)]).then(() => undefined)
      clearInterval(heartbeat)
      listeners.clear()
      return closing
    },
  }
}

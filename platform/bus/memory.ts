import { setImmediate } from 'node:timers'
import { createListeners } from './listeners.ts'
import type { Bus } from './port.ts'

/** The bus of a single process. Delivery is never within `publish`, so a publisher is not surprised by its listeners. */
export function openMemoryBus(): Bus {
  const listeners = createListeners()
  let closed = false
  return {
    publish(channel, message) {
      const addressees = listeners.to(channel)
      if (addressees.length === 0) return
      setImmediate(() => {
        for (const deliver of addressees) deliver(message)
      })
    },
    subscribe(channel, listener) {
      return closed ? () => undefined : listeners.add(channel, listener, () => undefined).remove
    },
    async close() {
      closed = true
      listeners.clear()
    },
  }
}

type Listener = (message: string) => void

/** Who listens to what. One listener may be added twice, and is then called twice. */
export interface Listeners {
  /** The function returned removes it; calling that again does nothing. `first` and `last` tell about the channel. */
  add(channel: string, listener: Listener, last: () => void): { first: boolean; remove(): void }
  /** Those who listen now, as functions that deliver to each only if it still listens. */
  to(channel: string): Listener[]
  channels(): string[]
  clear(): void
}

export function createListeners(): Listeners {
  const byChannel = new Map<string, Set<Listener>>()
  return {
    add(channel, listener, last) {
      const listening = byChannel.get(channel) ?? new Set()
      const first = listening.size === 0
      const own: Listener = (message) => {
        if (listening.has(own)) deliver(listener, message)
      }
      byChannel.set(channel, listening.add(own))
      return {
        first,
        remove() {
          if (!listening.delete(own) || listening.size > 0 || byChannel.get(channel) !== listening) return
          byChannel.delete(channel)
          last()
        },
      }
    },
    to: (channel) => [...(byChannel.get(channel) ?? [])],
    channels: () => [...byChannel.keys()],
    clear() {
      for (const listening of byChannel.values()) listening.clear()
      byChannel.clear()
    },
  }
}

/** A listener that throws harms neither the others nor the bus; its errors are its own to tell. */
function deliver(listener: Listener, message: string): void {
  try {
    listener(message)
  } catch {}
}

import { isTrackedEnvelope } from '@trpc/server'

export const SSE_TYPE = 'text/event-stream'

/** Often enough that no proxy takes the silence for an end. */
const PING_MS = 15_000

/**
 * Elements as server-sent events, one `data` of JSON each, with their ids where they have some. The stream ends with its
 * elements, with the signal, or with an event `error` whose data is a problem.
 */
export function eventStream(
  elements: AsyncIterable<unknown>,
  { signal, problemOf }: { signal: AbortSignal; problemOf(error: unknown): unknown },
): ReadableStream<Uint8Array> {
  const iterator = elements[Symbol.asyncIterator]()
  let ping: ReturnType<typeof setInterval>
  let end = () => {}

  return new ReadableStream({
    start(controller) {
      ping = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encode(': ping\n\n'))
      }, PING_MS)
      end = () => {
        release()
        controller.close()
      }
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
    },
    async pull(controller) {
      const { text, last } = await next().catch((error) => ({ text: eventOf(problemOf(error), 'error'), last: true }))
      if (signal.aborted) return
      if (text) controller.enqueue(encode(text))
      if (last) end()
    },
    cancel: release,
  })

  function release(): void {
    clearInterval(ping)
    signal.removeEventListener('abort', end)
    // A generator that is waiting returns when it wakes, which is its own affair.
    void iterator.return?.().catch(() => undefined)
  }

  async function next(): Promise<{ text: string; last: boolean }> {
    const { done, value } = await iterator.next()
    if (done) return { text: '', last: true }
    const [id, data] = isTrackedEnvelope(value) ? value : [undefined, value]
    return { text: eventOf(data, undefined, id), last: false }
  }
}

/** Neither an id nor JSON contains a line break. */
const eventOf = (data: unknown, event?: string, id?: string): string =>
  `${event ? `event: ${event}\n` : ''}${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

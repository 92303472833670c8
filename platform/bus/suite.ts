import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Bus } from './port.ts'

/** What every adapter of the port does alike; `open` gives a bus that is connected. */
export function busSuite(adapter: string, open: () => Promise<Bus>) {
  describe(`bus on ${adapter}`, () => {
    let bus: Bus
    beforeAll(async () => {
      bus = await open()
    })
    afterAll(() => bus?.close())

    /** Listens on a channel, and resolves when that works. */
    async function listen(channel: string, on = bus) {
      const heard: string[] = []
      const unsubscribe = on.subscribe(channel, (message) => {
        if (message !== 'hello?') heard.push(message)
      })
      await reachable(channel, on)
      return { heard, unsubscribe }
    }

    test('brings messages to every listener of the channel, in order, unaltered', async () => {
      const channel = randomUUID()
      const [one, two, elsewhere] = [await listen(channel), await listen(channel), await listen(randomUUID())]
      const messages = Array.from({ length: 300 }, (_, n) => JSON.stringify({ n, text: 'Ёлка 😀\n"' }))
      for (const message of messages) bus.publish(channel, message)
      await vi.waitFor(() => expect(two.heard).toHaveLength(300))
      expect(one.heard).toEqual(messages)
      expect(two.heard).toEqual(messages)
      expect(elsewhere.heard).toEqual([])
    })

    test('calls no listener within publish', async () => {
      const channel = randomUUID()
      const { heard } = await listen(channel)
      bus.publish(channel, 'a')
      expect(heard).toEqual([])
      await vi.waitFor(() => expect(heard).toEqual(['a']))
    })

    test('a listener that throws harms nobody', async () => {
      const channel = randomUUID()
      bus.subscribe(channel, () => {
        throw new Error('listener')
      })
      const { heard } = await listen(channel)
      bus.publish(channel, 'a')
      bus.publish(channel, 'b')
      await vi.waitFor(() => expect(heard).toEqual(['a', 'b']))
    })

    test('who has unsubscribed hears nothing more, and the others go on', async () => {
      const channel = randomUUID()
      const [leaving, staying] = [await listen(channel), await listen(channel)]
      leaving.unsubscribe()
      leaving.unsubscribe()
      bus.publish(channel, 'a')
      await vi.waitFor(() => expect(staying.heard).toEqual(['a']))
      expect(leaving.heard).toEqual([])
    })

    test('a message on its way does not reach who unsubscribes meanwhile', async () => {
      const channel = randomUUID()
      const [leaving, staying] = [await listen(channel), await listen(channel)]
      bus.publish(channel, 'a')
      leaving.unsubscribe()
      await vi.waitFor(() => expect(staying.heard).toEqual(['a']))
      expect(leaving.heard).toEqual([])
    })

    test('a channel can be listened to again', async () => {
      const channel = randomUUID()
      const before = await listen(channel)
      before.unsubscribe()
      const { heard } = await listen(channel)
      bus.publish(channel, 'a')
      await vi.waitFor(() => expect(heard).toEqual(['a']))
      expect(before.heard).toEqual([])
    })

    test('one function subscribed twice is two listeners', async () => {
      const channel = randomUUID()
      const heard = vi.fn()
      const first = bus.subscribe(channel, heard)
      bus.subscribe(channel, heard)
      await reachable(channel, bus)
      first()
      heard.mockClear()
      bus.publish(channel, 'a')
      await vi.waitFor(() => expect(heard.mock.calls.filter(([message]) => message === 'a')).toHaveLength(1))
    })

    test('without listeners a message is dropped', () => {
      bus.publish(randomUUID(), 'a')
    })

    test('after it is closed nobody hears anything, and nothing throws', async () => {
      const own = await open()
      const channel = randomUUID()
      const { heard, unsubscribe } = await listen(channel, own)
      own.publish(channel, 'a')
      await own.close()
      await own.close()
      own.subscribe(channel, (message) => heard.push(message))
      own.publish(channel, 'b')
      unsubscribe()
      await reachable(randomUUID(), bus) // as long as a message takes
      expect(heard.filter((message) => message === 'b')).toEqual([])
    })
  })
}

/** Resolves when a message on the channel gets through from the one to the other. */
export async function reachable(channel: string, bus: Bus, publisher = bus): Promise<void> {
  let heard = false
  const unsubscribe = bus.subscribe(channel, () => {
    heard = true
  })
  await vi.waitFor(
    () => {
      publisher.publish(channel, 'hello?')
      expect(heard).toBe(true)
    },
    { timeout: 10_000 },
  )
  unsubscribe()
}

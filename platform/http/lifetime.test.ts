import { describe, expect, test } from 'vitest'
import { createLifetimes } from './lifetime.ts'
import { refusal } from './testing/answers.testing.ts'
import { bookApp } from './testing/app.testing.ts'

describe('a deadline', () => {
  const late = `/trpc/books.trouble?input=${encodeURIComponent('{"kind":"late"}')}`

  test('ends what takes too long, and tells the procedure', async () => {
    for (const directLane of [true, false]) {
      const app = bookApp({ deadlineMs: 5, directLane })
      expect(await refusal(app.get('/trouble/late'))).toEqual([503, 'service.overloaded'])
      expect(await refusal(app.get(late))).toEqual([503, 'service.overloaded'])
    }
  })

  test('of a query says no word of a change', async () => {
    const answer = await bookApp({ deadlineMs: 5 }).get('/trouble/late')
    expect(await answer.json()).not.toHaveProperty('detail')
  })
})

describe('when the server stops', () => {
  test('streams end, and their readers see it', async () => {
    const app = bookApp()
    const input = encodeURIComponent('{"to":1,"hold":true}')
    const streams = [await app.get('/ticks?to=1&hold=true'), await app.get(`/trpc/books.ticks?input=${input}`)]
    const texts = streams.map((stream) => stream.text())
    app.endStreams()
    expect(await Promise.all(texts)).toHaveLength(2)
  })

  test('a stream that begins only then ends at once', async () => {
    const app = bookApp()
    app.endStreams()
    await (await app.get('/ticks?to=1&hold=true')).text()
  })

  test('what has an end of its own is left to come to it', () => {
    const lifetimes = createLifetimes()
    const [stream, call] = [1, 2].map(() => lifetimes.begin(new Request('http://localhost')))
    stream!.goesOn()
    lifetimes.endStreams()
    expect([stream!.signal().aborted, call!.signal().aborted]).toEqual([true, false])
  })
})

describe('the signal', () => {
  test('fires when the client leaves, also before anybody asked for it', () => {
    for (const early of [true, false]) {
      const client = new AbortController()
      const lifetime = createLifetimes().begin(new Request('http://localhost', { signal: client.signal }))
      if (early) client.abort()
      const signal = lifetime.signal()
      if (!early) client.abort()
      expect(signal.aborted).toBe(true)
    }
  })

  test('no longer fires when the answer is complete', () => {
    const client = new AbortController()
    const lifetime = createLifetimes().begin(new Request('http://localhost', { signal: client.signal }))
    const signal = lifetime.signal()
    lifetime.end()
    client.abort()
    expect(signal.aborted).toBe(false)
  })
})

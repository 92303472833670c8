import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Entity } from '../commands/command.ts'
import { formatToken } from '../commands/watermarks/token.ts'
import { BODY_MS } from './body.ts'
import { refusal } from './testing/answers.testing.ts'
import { bookApp, dune } from './testing/app.testing.ts'
import { createBooks } from './testing/service.testing.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A body of which the first half comes, and no more. */
function unfinished(path: string, headers: Record<string, string>): Request {
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{"n":')) })
  return new Request(`http://localhost${path}`, {
    method: 'POST',
    body,
    headers: { authorization: 'Bearer ann', 'content-type': 'application/json', ...headers },
    duplex: 'half',
  } as RequestInit)
}

describe('a body that does not come to its end', () => {
  test.each(['/books', '/count', '/trpc/books.create', '/trpc/books.count', '/trpc/books.create?batch=1'])(
    'is 408, whatever would be done with it: %s',
    async (path) => {
      for (const length of [undefined, { 'content-length': '20' }]) {
        const answer = refusal(bookApp().fetch(unfinished(path, { ...length, prefer: 'wait=0' }), { address: '' }))
        await vi.advanceTimersByTimeAsync(BODY_MS)
        expect(await answer).toEqual([408, 'input.timeout'])
      }
    },
  )
})

describe('a call that takes too long once its body is there', () => {
  const never = { reach: () => new Promise<boolean>(() => undefined) }
  const token = { 'consistency-token': formatToken(new Map([[1, 5]])) }

  /** However long it was asked to wait: no request takes more than twenty seconds. */
  async function lateAnswer(path: string, body: unknown): Promise<Response> {
    const app = bookApp({ services: [createBooks(new Map<string, Entity>([['b1', dune]]), never)] })
    const answer = app.send('POST', path, body, { ...token, prefer: 'wait=10' })
    let over = false
    answer.then(() => {
      over = true
    })
    await vi.advanceTimersByTimeAsync(20_000)
    expect(over).toBe(true)
    return answer
  }
  const late = (path: string, body: unknown) => refusal(lateAnswer(path, body))

  test('may have happened where it is a command', async () => {
    const input = { title: 'Emma', authorId: 'a1' }
    expect(await late('/books', input)).toEqual([503, 'log.unknown'])
    expect(await late('/trpc/books.create', input)).toEqual([503, 'log.unknown'])
  })

  test('says nothing of the log where it is none', async () => {
    expect(await late('/count', { n: 1 })).toEqual([503, 'service.overloaded'])
    expect(await late('/trpc/books.count', { n: 1 })).toEqual([503, 'service.overloaded'])
  })

  test('beside the log may have happened, too, and says when to come back', async () => {
    const answer = await lateAnswer('/count', { n: 1 })
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('may have happened') })
  })
})

import { describe, expect, test } from 'vitest'
import { formatToken } from '../commands/watermarks/token.ts'
import { askedBy } from './asked.ts'

const asked = (headers: Record<string, string>) => askedBy(new Headers(headers))
const refused = (code: string) => expect.objectContaining({ code })

describe('what a request asks for', () => {
  test('is nothing much, most of the time', () => {
    const nothing = {
      idempotencyKey: undefined,
      match: undefined,
      noneMatch: undefined,
      waitMs: 2000,
      respondAsync: false,
      seen: new Map(),
    }
    expect(asked({})).toEqual(nothing)
    expect(asked({ 'if-match': '*', prefer: 'return=minimal, handling=lenient' })).toEqual(nothing)
  })

  test.each([
    ['wait=5', 5000, false],
    ['wait=0', 0, false],
    ['wait=10', 10_000, false],
    ['wait=3600', 10_000, false],
    ['respond-async', 2000, true],
    ['Respond-Async', 2000, true],
    ['respond-async, wait=4', 4000, false],
    ['return=minimal; foo, WAIT = "7"', 7000, false],
    ['wait=', 2000, false],
    ['wait=soon', 2000, false],
    ['wait=-1', 2000, false],
    ['wait=1.5', 2000, false],
    ['wait="3', 2000, false],
    ['respond-async, wait=1e3', 2000, true],
  ])('Prefer: %s', (prefer, waitMs, respondAsync) => {
    expect(asked({ prefer })).toMatchObject({ waitMs, respondAsync })
  })

  test('is a key of printable characters', () => {
    expect(asked({ 'idempotency-key': '"8e03978e" ~!' }).idempotencyKey).toBe('"8e03978e" ~!')
    for (const key of ['', 'x'.repeat(201), 'a\tb', 'é']) {
      expect(() => asked({ 'idempotency-key': key }), key).toThrow(refused('idempotency.invalid'))
    }
  })

  test('is a version of an entity, by its ETag, or of whatever the path leads to, or one of several', () => {
    const matched = (etags: string) => asked({ 'if-match': etags }).match
    expect(matched('"12-4a1d9a4a7b22"')).toEqual([{ version: 12, idEnd: '4a1d9a4a7b22' }])
    expect(matched('"12"')).toEqual([{ version: 12, idEnd: undefined }])
    expect(matched('"1", "2", W/"3"')).toMatchObject([{ version: 1 }, { version: 2 }])
    expect(matched('W/"1"')).toEqual([])
    for (const etag of ['12', '', '"1', Array(11).fill('"1"').join()]) {
      expect(() => matched(etag), etag).toThrow(refused('version.invalid'))
    }
  })

  test('is that there be nothing yet, or nothing of some', () => {
    expect(asked({ 'if-none-match': '*' }).noneMatch).toBe('*')
    expect(asked({ 'if-none-match': '"1", W/"2"' }).noneMatch).toBe('tags')
  })

  test('is what was seen, by one token or several', () => {
    const [one, two] = [
      formatToken(
        new Map([
          [1, 5],
          [2, 9],
        ]),
      ),
      formatToken(new Map([[1, 7]])),
    ]
    expect(asked({ 'consistency-token': one }).seen).toEqual(
      new Map([
        [1, 5],
        [2, 9],
      ]),
    )
    expect(asked({ 'consistency-token': `${one}, ${two}` }).seen).toEqual(
      new Map([
        [1, 7],
        [2, 9],
      ]),
    )
    for (const token of ['', 'x', `${one}x`, `${one};${two}`, `${one},`]) {
      expect(() => asked({ 'consistency-token': token }), token).toThrow(refused('token.invalid'))
    }
  })
})

import { describe, expect, test } from 'vitest'
import { formatToken } from '../commands/watermarks/token.ts'
import { askedBy } from './asked.ts'

const asked = (headers: Record<string, string>) => askedBy(new Headers(headers))
const refused = (code: string) => expect.objectContaining({ code })

describe('what a request asks for', () => {
  test('is nothing much, most of the time', () => {
    const nothing = {
      idempotencyKey: undefined,
      version: undefined,
      idEnd: undefined,
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
  ])('Prefer: %s', (prefer, waitMs, respondAsync) => {
    expect(asked({ prefer })).toMatchObject({ waitMs, respondAsync })
  })

  test.each(['wait=', 'wait=soon', 'wait=-1', 'wait=1.5', 'wait=1e3'])('Prefer: %s is malformed', (prefer) => {
    expect(() => asked({ prefer })).toThrow(refused('input.malformed'))
  })

  test('is a key of printable characters', () => {
    expect(asked({ 'idempotency-key': '"8e03978e" ~!' }).idempotencyKey).toBe('"8e03978e" ~!')
    for (const key of ['', 'x'.repeat(201), 'a\tb', 'é']) {
      expect(() => asked({ 'idempotency-key': key }), key).toThrow(refused('idempotency.invalid'))
    }
  })

  test('is a version of an entity, by its ETag, or of whatever the path leads to', () => {
    expect(asked({ 'if-match': '"12-4a1d9a4a7b22"' })).toMatchObject({ version: 12, idEnd: '4a1d9a4a7b22' })
    expect(asked({ 'if-match': '"12"' })).toMatchObject({ version: 12, idEnd: undefined })
    for (const etag of ['12', 'W/"1"', '"1", "2"', '"x"', '""']) {
      expect(() => asked({ 'if-match': etag }), etag).toThrow(refused('version.invalid'))
    }
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

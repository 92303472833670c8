import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Cache, Refresh } from './port.ts'

/** A text of the protocol, taken apart, as the model sees it. */
type Text = { version: number; epoch: number } | { ticket: string }

const write = (text: Text) =>
  'ticket' in text
    ? `{"version":0,"ticket":"${text.ticket}","epoch":1}`
    : `{"version":${text.version},"epoch":${text.epoch},"name":"x"}`

type Step =
  | { move: 'read'; keys: string[] }
  | { move: 'take'; key: string; text: Text; stale: Text | undefined }
  | { move: 'fill'; key: string; ticket: string; text: Text }
  | { move: 'refresh'; entries: { key: string; text: Text; mode: Refresh['mode'] }[] }

// Few of everything, so that they meet.
const key = fc.constantFrom('a', 'b')
const id = fc.constantFrom('t', 'tt', 'u')
const ticket = fc.record({ ticket: id })
const value = fc.record({ version: fc.constantFrom(1, 2, 9, 10), epoch: fc.constantFrom(1, 2, 10) })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ move: fc.constant('read' as const), keys: fc.array(key, { maxLength: 3 }) }),
  fc.record({
    move: fc.constant('take' as const),
    key,
    text: ticket,
    stale: fc.option(fc.oneof(ticket, value), { nil: undefined }),
  }),
  fc.record({ move: fc.constant('fill' as const), key, ticket: id, text: value }),
  fc.record({
    move: fc.constant('refresh' as const),
    entries: fc.array(fc.record({ key, text: value, mode: fc.constantFrom('newer' as const, 'always' as const) }), {
      maxLength: 4,
    }),
  }),
)

/** What the port says, in the plainest way. */
function play(there: Map<string, Text>, step: Step): unknown {
  const same = (a: Text | undefined, b: Text | undefined) => a && b && write(a) === write(b)
  switch (step.move) {
    case 'read':
      return step.keys.map((key) => (there.has(key) ? write(there.get(key) as Text) : null))
    case 'take': {
      const current = there.get(step.key)
      if (current && !same(current, step.stale)) return write(current)
      there.set(step.key, step.text)
      return null
    }
    case 'fill': {
      const current = there.get(step.key)
      const own = current !== undefined && 'ticket' in current && current.ticket === step.ticket
      if (own) there.set(step.key, step.text)
      return own
    }
    case 'refresh':
      for (const { key, text, mode } of step.entries) {
        const current = there.get(key)
        const replaced = current !== undefined && ('ticket' in current || ('version' in text && isOlder(current, text)))
        if (mode === 'always' || replaced) there.set(key, text)
      }
  }
}

const isOlder = (a: { version: number; epoch: number }, b: { version: number; epoch: number }) =>
  a.version < b.version || (a.version === b.version && a.epoch < b.epoch)

function run(cache: Cache, prefix: string, step: Step): Promise<unknown> {
  switch (step.move) {
    case 'read':
      return cache.read(step.keys.map((key) => prefix + key))
    case 'take':
      return cache.take(prefix + step.key, write(step.text), 60_000, step.stale && write(step.stale))
    case 'fill':
      return cache.fill(prefix + step.key, step.ticket, write(step.text), 60_000)
    case 'refresh':
      return cache.refresh(
        step.entries.map(({ key, text, mode }) => ({ key: prefix + key, value: write(text), ttlMs: 60_000, mode })),
      )
  }
}

export function modelSuite(cache: () => Cache) {
  describe('any sequence of moves', () => {
    test('is answered as the model answers it', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
          const there = new Map<string, Text>()
          const prefix = `${randomUUID()}:`
          for (const step of steps) expect(await run(cache(), prefix, step)).toEqual(play(there, step))
          expect(await run(cache(), prefix, { move: 'read', keys: ['a', 'b'] })).toEqual(
            play(there, { move: 'read', keys: ['a', 'b'] }),
          )
        }),
        { numRuns: 200 },
      )
    })
  })
}

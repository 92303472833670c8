import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isNewer, ticketHead } from '../cache/text.ts'
import type { Entity } from '../commands/command.ts'
import { isTicket, pageText, parsePage, parseStamp, parseValue, stampText, ticketText, valueText } from './envelope.ts'

const epoch = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const version = fc.integer({ min: 1, max: 1_000_000 })
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)
const entity = fc
  .tuple(
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      json,
    ),
    fc.uuid(),
    version,
  )
  .map(([fields, id, number]) => ({ ...fields, id, createdAt: 'x', updatedAt: 'y', version: number }) as Entity)

describe('a value', () => {
  test('is read as it was written, whatever the entity has', () => {
    fc.assert(
      fc.property(entity, epoch, (whole, number) => {
        expect(parseValue(valueText(whole, number))).toEqual({ epoch: number, entity: whole })
      }),
    )
  })

  test('leaves the entity a field of its own that is called epoch', () => {
    const own = { id: 'a', version: 1, createdAt: '', updatedAt: '', epoch: 'jurassic' }
    expect(parseValue(valueText(own, 8))).toEqual({ epoch: 8, entity: own })
  })

  test('begins with version and epoch, as the cache wants it', () => {
    const whole = { id: 'a', version: 7, createdAt: '', updatedAt: '' }
    expect(valueText(whole, 8)).toMatch(/^\{"version":7,"epoch":8,"id":"a"/)
    expect(isNewer(valueText(whole, 8), valueText(whole, 6))).toBe(true)
    expect(isNewer(valueText(whole, 8), valueText({ ...whole, version: 8 }, 6))).toBe(false)
  })
})

describe('a ticket', () => {
  test('is told from a value and known to the cache by its id', () => {
    const text = ticketText('one', [2, 4])
    expect(isTicket(text)).toBe(true)
    expect(text.startsWith(ticketHead('one'))).toBe(true)
    expect(text.startsWith(ticketHead('on'))).toBe(false)
    expect(JSON.parse(text)).toEqual({ version: 0, ticket: 'one', epochs: [2, 4] })
  })

  test('gives way to any value', () => {
    fc.assert(
      fc.property(entity, epoch, (whole, number) => {
        expect(isTicket(valueText(whole, number))).toBe(false)
        expect(isNewer(valueText(whole, number), ticketText('one', [number]))).toBe(true)
      }),
    )
  })
})

describe('a stamp', () => {
  test.each([[{ 3: 8 }], [[2, 4, 6]]])('carries its epochs: %j', (epochs) => {
    const text = stampText('one', epochs)
    expect(text).toMatch(/^\{"version":1,"epoch":0,/)
    expect(parseStamp(text)).toEqual({ id: 'one', epochs, text })
  })
})

describe('a page', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(json, (page) => {
        expect(parsePage(pageText(page))?.page).toEqual(page)
      }),
    )
  })

  test('may be undefined', () => {
    expect(parsePage(pageText(undefined))).toBeDefined()
    expect(parsePage(pageText(undefined))?.page).toBeUndefined()
  })
})

test('any other text is none of them, and never throws', () => {
  const odd = fc.oneof(
    fc.string(),
    fc.json(),
    entity.map((whole) => valueText(whole, 2).slice(0, -2)),
  )
  fc.assert(
    fc.property(odd, (text) => {
      expect(parseValue(text)).toBeUndefined()
      expect(parseStamp(text)).toBeUndefined()
    }),
  )
  expect(parsePage('{"version":1,"epo')).toBeUndefined()
  expect(parsePage('null')).toBeUndefined()
  expect(parseStamp(stampText('one', {}).replace('{}', 'null'))).toBeUndefined()
})

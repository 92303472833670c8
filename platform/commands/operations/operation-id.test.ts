import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PARTITIONS } from '../../log/port.ts'
import { createOperationIds, type Operation } from './operation-id.ts'

const ids = createOperationIds(randomBytes(32))
const actor = '01890000-0000-7000-8000-00000000000a'

const operation = fc.record<Operation>({
  position: fc.record({ partition: fc.nat(PARTITIONS - 1), offset: fc.maxSafeNat() }),
  mark: fc.constantFrom('decided', 'served'),
})

describe('an operation id', () => {
  test('opens for its actor as what it was made of', () => {
    fc.assert(
      fc.property(operation, fc.string(), (made, who) => {
        expect(ids.parse(ids.format(made, who), who)).toEqual(made)
      }),
    )
  })

  test('is short and safe in a path', () => {
    const far: Operation = { position: { partition: 11, offset: Number.MAX_SAFE_INTEGER }, mark: 'served' }
    expect(ids.format(far, actor)).toMatch(/^[\w-]{36}$/)
  })

  test('opens for nobody else, and under no other secret', () => {
    fc.assert(
      fc.property(operation, fc.string(), (made, other) => {
        fc.pre(other !== actor)
        expect(ids.parse(ids.format(made, actor), other)).toBeUndefined()
      }),
    )
    const made: Operation = { position: { partition: 1, offset: 2 }, mark: 'decided' }
    expect(createOperationIds(randomBytes(32)).parse(ids.format(made, actor), actor)).toBeUndefined()
  })

  test('with any bit flipped is none', () => {
    fc.assert(
      fc.property(operation, fc.nat(27 * 8 - 1), (made, bit) => {
        const bytes = Buffer.from(ids.format(made, actor), 'base64url')
        bytes[bit >> 3]! ^= 1 << (bit & 7)
        expect(ids.parse(bytes.toString('base64url'), actor)).toBeUndefined()
      }),
    )
  })

  test('with any character changed, added or lost is none', () => {
    const character = fc.oneof(fc.constantFrom('', '=', ' ', '\n', '+', '/', 'AA'), fc.base64String({ maxLength: 1 }))
    fc.assert(
      fc.property(operation, fc.nat(35), character, (made, at, other) => {
        const id = ids.format(made, actor)
        fc.pre(id[at] !== other)
        expect(ids.parse(id.slice(0, at) + other + id.slice(at + 1), actor)).toBeUndefined()
      }),
    )
  })

  test('is nothing that anyone could think of', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uint8Array({ minLength: 27, maxLength: 27 }).map(base64url)), (text) => {
        expect(ids.parse(text, actor)).toBeUndefined()
      }),
    )
  })
})

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

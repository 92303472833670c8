import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isId, newId } from '../../ids.ts'
import { callOf, type Said } from '../call.testing.ts'
import { canonicalJson } from '../canonical.ts'
import { identify } from './identity.ts'

const identityOf = (said: Said) => identify(callOf(said), newId)

describe('ids without a key', () => {
  test('are version 7, and new at every call', () => {
    const [a, b] = [identityOf({}), identityOf({})]
    expect(new Set([a.command, a.newId, b.command, b.newId]).size).toBe(4)
    for (const id of [a.command, a.newId]) expect([isId(id), id[14]]).toEqual([true, '7'])
    expect(a.keyed).toBe(false)
  })
})

describe('ids under a key', () => {
  test('are the same for the same actor, procedure and key, whatever the input', () => {
    const a = identityOf({ key: '1', input: { name: 'oak' } })
    const b = identityOf({ key: '1', input: { name: 'elm' } })
    expect([b.command, b.newId]).toEqual([a.command, a.newId])
    expect(a.command).not.toBe(a.newId)
    expect([isId(a.command), a.command[14], a.keyed]).toEqual([true, '8', true])
  })

  test.each<[string, Said]>([
    ['another key', { key: '2' }],
    ['another actor', { key: '1', actor: '01890000-0000-7000-8000-00000000000b' }],
    ['another procedure', { key: '1', procedure: 'leaves.update' }],
    ['the bounds of the parts moved', { key: 'e1', procedure: 'leaves.creat' }],
  ])('differ for %s', (_, said) => {
    const [a, b] = [identityOf({ key: '1' }), identityOf(said)]
    expect(b.command).not.toBe(a.command)
    expect(b.newId).not.toBe(a.newId)
  })

  test('of a registration are scoped by the field that its contract names', () => {
    const register = (username: string): Said => ({
      key: '1',
      actor: null,
      spec: { keyScope: 'username' },
      input: { username },
    })
    expect(identityOf(register('ivan')).command).toBe(identityOf(register('ivan')).command)
    expect(identityOf(register('ivan')).command).not.toBe(identityOf(register('olga')).command)
  })

  test('of a registration are never those of an actor', () => {
    const actor = '01890000-0000-7000-8000-00000000000b'
    const open = identityOf({ key: '1', actor: null, spec: { keyScope: 'username' }, input: { username: actor } })
    expect(open.command).not.toBe(identityOf({ key: '1', actor }).command)
  })

  test('cannot be made where nothing scopes them', () => {
    expect(() => identityOf({ key: '1', actor: null })).toThrow('keyScope')
  })
})

describe('the hash', () => {
  test('leaves secrets out, and only them', () => {
    const hash = (input: Record<string, unknown>) => identityOf({ spec: { secrets: ['password'] }, input }).hash
    expect(hash({ username: 'ivan', password: 'a' })).toBe(hash({ username: 'ivan', password: 'b' }))
    expect(hash({ username: 'ivan', password: 'a' })).not.toBe(hash({ username: 'olga', password: 'a' }))
  })

  test('is of the procedure too', () => {
    expect(identityOf({ procedure: 'leaves.update' }).hash).not.toBe(identityOf({}).hash)
  })

  test('tells inputs apart exactly where their JSON differs', () => {
    const input = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3, noNullPrototype: true })
    fc.assert(
      fc.property(input, input, (a, b) => {
        const equal = isSame(a, b)
        expect(identityOf({ input: a }).hash === identityOf({ input: b }).hash).toBe(equal)
      }),
    )
  })

  test('does not depend on the order of members, at any depth', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))
        expect(isSame(JSON.parse(canonicalJson(value)), value)).toBe(true)
      }),
    )
  })
})

/** Vitest's equality tells 0 from -0, which are one number in JSON. */
function isSame(a: unknown, b: unknown): boolean {
  try {
    expect(JSON.parse(JSON.stringify(a))).toEqual(JSON.parse(JSON.stringify(b)))
    return true
  } catch {
    return false
  }
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, reversed(member)] as const)
      .reverse(),
  )
}

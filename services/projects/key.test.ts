import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseKey, keyCandidates, numbered } from './key.ts'
import { key } from './schema.ts'

const project = '01981ee4-5a30-7c1e-8a52-3f0c8f3f6a11'

describe('baseKey', () => {
  test.each([
    ['Apollo', 'APOLLO'],
    ['Аполлон', 'APOLLON'],
    ['Щука', 'SHCHUKA'],
    ['Größe', 'GROSSE'],
    ['İstanbul', 'ISTANBUL'],
    ['项目', 'XM'],
    ['Test Project', 'TP'],
    ['Лунная база', 'LB'],
    ['Moon base 12', 'MB12'],
    ['Apollo-11', 'A11'],
    ['Apollo11', 'APOLLO11'],
    ["Ivan's", 'IVANS'],
    ['Interplanetary', 'INTERPLANE'],
    ['X', 'PX'],
    ['3D engine', 'P3E'],
    ['2026 2027', 'P20262027'],
    ['🚀', 'PROJECT'],
    ['*', 'PROJECT'],
  ])('%s is %s', (name, expected) => {
    expect(baseKey(name)).toBe(expected)
  })

  test('is a key, or a reserved word, whatever the name', () => {
    const fits = (name: string) => key.safeParse(baseKey(name)).success || baseKey(name) === 'ME'
    fc.assert(fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 120 }), fits))
  })
})

describe('numbered', () => {
  test('counts from 2 after the base, within ten characters', () => {
    expect(numbered('APOLLO').slice(0, 3)).toEqual(['APOLLO', 'APOLLO2', 'APOLLO3'])
    expect(numbered('INTERPLANE')[1]).toBe('INTERPLAN2')
    expect(numbered('INTERPLANE').at(-1)).toBe('INTERPLA99')
  })

  test('leaves out reserved words', () => {
    expect(numbered(baseKey('My epic'))[0]).toBe('ME2')
  })
})

describe('keyCandidates', () => {
  test('passes over what is taken', () => {
    expect(keyCandidates('APOLLO', new Set(['apollo', 'apollo3']), project).slice(0, 2)).toEqual(['APOLLO2', 'APOLLO4'])
  })

  test('has a numeral of the project’s own where all are taken', () => {
    const taken = new Set(numbered('APOLLO').map((one) => one.toLowerCase()))
    const [first, second, ...more] = keyCandidates('APOLLO', taken, project)
    expect(more).toEqual([])
    expect(first).toMatch(/^APOL\d{6}$/)
    expect(second).toMatch(/^APOL\d{6}$/)
    expect(keyCandidates('APOLLO', taken, project)).toEqual([first, second])
    expect(keyCandidates('APOLLO', taken, '01981ee4-5a30-7c1e-8a52-3f0c8f3f6a12')).not.toContain(first)
  })

  test('are keys, few and different, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 120 }), fc.uuid(), (name, id) => {
        const keys = keyCandidates(baseKey(name), new Set(), id)
        expect(keys.length).toBeLessThanOrEqual(8)
        expect(new Set(keys).size).toBe(keys.length)
        for (const one of keys) expect(key.safeParse(one).success).toBe(true)
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkStrength, createPasswords } from './passwords.ts'

const cheap = { cost: 4 }
const password = 'correct horse battery'

describe('passwords', () => {
  test('are kept as PHC strings of scrypt, never twice the same', async () => {
    const passwords = createPasswords()
    const hash = await passwords.hash(password)
    expect(hash).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(await passwords.hash(password)).not.toBe(hash)
    expect(await passwords.verify(password, hash)).toBe(true)
  })

  test('verify against their own hash alone', async () => {
    const passwords = createPasswords(cheap)
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (one, other) => {
        fc.pre(one.normalize('NFKC') !== other.normalize('NFKC'))
        const hash = await passwords.hash(one)
        expect(await passwords.verify(one, hash)).toBe(true)
        expect(await passwords.verify(other, hash)).toBe(false)
      }),
      { numRuns: 30 },
    )
  })

  test('are the same however the keyboard composed them', async () => {
    const passwords = createPasswords(cheap)
    expect(await passwords.verify('cafe\u0301 \ufb01ne', await passwords.hash('caf\u00e9 fine'))).toBe(true)
  })

  test('of a cost that is no longer the present one still verify', async () => {
    const old = await createPasswords({ cost: 3 }).hash(password)
    expect(await createPasswords(cheap).verify(password, old)).toBe(true)
  })

  test('are never those of nobody', async () => {
    expect(await createPasswords(cheap).verify(password, undefined)).toBe(false)
  })

  test('are computed few at a time, and beyond a short queue refused', async () => {
    const passwords = createPasswords({ ...cheap, running: 2, waiting: 3 })
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => passwords.hash(password)))
    expect(results.map(({ status }) => status)).toEqual([...Array(5).fill('fulfilled'), ...Array(3).fill('rejected')])
    expect(results.at(-1)).toMatchObject({ reason: { code: 'rate.limited', retryAfter: 1 } })
    await expect(passwords.hash(password)).resolves.toBeTypeOf('string')
  })

  test('a hash that is broken in the store is an error, not a refusal', async () => {
    await expect(createPasswords(cheap).verify(password, '$2b$10$abc')).rejects.toThrow('not a PHC string')
  })
})

describe('checkStrength', () => {
  const weak = expect.objectContaining({ code: 'password.weak' })

  test('takes a long one', () => {
    for (const good of [password, 'двенадцать букв', `${'🔑'.repeat(3)}abcdefghi`, `${'x'.repeat(60)}abcdefgh`])
      checkStrength(good, 'ivan', 'ivan@example.com')
  })

  test('refuses what is short, long, a pattern or a name', () => {
    for (const bad of [
      'eleven char',
      `${'ab'.repeat(80)}cdefg`,
      'aaaaaaaaaaaaaa',
      'abababababab',
      'ivanivanivan12',
      'Ivan@Example.com',
    ])
      expect(() => checkStrength(bad, 'ivan', 'ivan@example.com'), bad).toThrow(weak)
  })

  test('counts characters, not the units they are stored in', () => {
    expect(() => checkStrength('🔑🔒🔓🔏🔐🗝️🧷')).toThrow(weak)
  })
})

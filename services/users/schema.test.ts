import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isId } from '../../platform/ids.ts'
import { fold } from '../../platform/text.ts'
import { Create, List, Register, User, username } from './schema.ts'

const takes = (name: string) => username.safeParse(name).success

describe('a username', () => {
  test.each(['ivan', 'Иван', 'ёлка', 'İlhan', '王小明', 'a.b_c-d', '4ever', '2x', 'x'.repeat(32), 'mémé', 'वीर'])(
    '%s',
    (name) => {
      expect(takes(name)).toBe(true)
    },
  )

  test.each([
    ['too short', 'i'],
    ['too long', 'x'.repeat(33)],
    ['a space', 'ivan petrov'],
    ['an @', 'ivan@example.com'],
    ['a slash', 'a/b'],
    ['a mark first', '-ivan'],
    ['a dot first', '..'],
    ['a number', '42'],
    ['a number of another kind', '1e5'],
    ['a number in another script', '٤٢'],
    ['an id', '01981ee4-5a30-7c1e-8a52-3f0c8f3f6a11'],
    ['an id without dashes', '01981ee45a307c1e8a523f0c8f3f6a11'],
    ['a reserved word', 'Me'],
    ['a reserved word in other letters', 'ｍｅ'],
    ['an unseen character', 'iv\u200ban'],
    ['a right-to-left override', 'iv\u202ean'],
    ['an emoji', 'ivan🚀'],
    ['alphabets that look alike', 'ivаn'],
  ])('may not have or be %s', (_, name) => {
    expect(takes(name)).toBe(false)
  })

  test('is kept composed, as it is compared', () => {
    expect(username.parse('ｉｖａｎ')).toBe('ivan')
    expect(username.parse('me\u0301lie')).toBe('m\u00e9lie')
  })

  test('is never an id, a number or a reserved word by the time it is looked up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        const { success, data } = username.safeParse(text)
        if (!success) return
        const key = fold(data)
        expect(isId(key) || key === 'me' || !Number.isNaN(Number(key)) || key.includes('@')).toBe(false)
        expect(encodeURIComponent(key)).not.toBe('..')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('inputs', () => {
  test('take what the examples of old send', () => {
    expect(Create.parse({ username: 'testuser', email: 'test@example.com' })).toEqual({
      username: 'testuser',
      email: 'test@example.com',
    })
  })

  test('take no field that they do not know', () => {
    const register = { username: 'ivan', email: 'ivan@example.com', password: 'correct horse battery' }
    expect(Register.safeParse(register).success).toBe(true)
    expect(Register.safeParse({ ...register, role: 'admin' }).success).toBe(false)
  })

  test('keep pages within bounds', () => {
    expect(List.parse({})).toEqual({ limit: 50, sort: '-createdAt' })
    for (const limit of [0, 101, 1.5, '10']) expect(List.safeParse({ limit }).success).toBe(false)
  })
})

test('an answer drops what is stored only', () => {
  const at = '2026-01-01T09:00:00.000Z'
  const shown = {
    id: '01981ee4-5a30-7c1e-8a52-3f0c8f3f6a11',
    version: 1,
    username: 'ivan',
    fullName: '',
    role: 'member',
  }
  const user = { ...shown, createdAt: at, updatedAt: at }
  expect(User.parse({ ...user, usernameKey: 'ivan', emailKey: 'x', fullNameKey: '' })).toEqual(user)
})

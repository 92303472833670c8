import { describe, expect, test } from 'vitest'
import { readOptions, wholeNumber } from './options.ts'

const own = { project: { type: 'string' }, json: { type: 'boolean', default: false } } as const

describe('readOptions', () => {
  test('knows where and who without being told', () => {
    expect(readOptions('usage', own, [])).toMatchObject({
      url: 'http://localhost:8000',
      username: 'admin',
      json: false,
    })
  })

  test('takes what is given', () => {
    const args = ['--url=https://example.com/', '--username', 'ivan', '--project', 'APOLLO', '--json']
    const given = { url: 'https://example.com', username: 'ivan', project: 'APOLLO', json: true }
    expect(readOptions('usage', own, args)).toMatchObject(given)
  })

  test.each([[['--unheard']], [['loose']], [['--url', 'localhost:8000']], [['--url', 'file:///x']], [['--project']]])(
    'refuses %j with the usage',
    (args) => {
      expect(() => readOptions('the usage', own, args)).toThrow(
        expect.objectContaining({ status: 2, message: expect.stringContaining('the usage') }),
      )
    },
  )

  test('gives the usage to whoever asks', () => {
    expect(() => readOptions('the usage', own, ['-h'])).toThrow(
      expect.objectContaining({ status: 0, message: 'the usage' }),
    )
  })
})

describe('wholeNumber', () => {
  test('is within its limits', () => {
    expect(wholeNumber('', 'users', '0', [0, 10])).toBe(0)
    for (const text of ['-1', '11', '1.5', 'x', '', '1e1']) {
      expect(() => wholeNumber('', 'users', text, [0, 10])).toThrow(`--users ${text}`)
    }
  })
})

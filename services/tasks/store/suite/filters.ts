import { describe, expect, test } from 'vitest'
import type { Priority } from '../../schema.ts'
import { type Bench, day, ivan, olga, task } from './tasks.ts'

export function filtersSuite({ save, empty, numbers }: Bench): void {
  describe('the text', () => {
    const finds = async (title: string, text: string, description = '') => {
      await empty()
      await save(task(1, { title, description }), task(2, { title: 'another' }))
      return (await numbers({ text })).includes(1)
    }

    test.each([
      ['100% done', '0% D'],
      ['snake_case', 'E_C'],
      ['a.*b', '.*'],
      ['back\\slash', '\\s'],
      ['back\\%slash', '\\%'],
      ['[x] (y) {z} ^$|?+-/#', '] (Y) {Z} ^$|?+-/#'],
      ['Ёлка', 'ёЛ'],
      ['İstanbul', 'i̇STAN'],
      ['İstanbul', 'İST'],
      ['STRAẞE', 'straße'],
      ['ΟΔΟΣ', 'οδος'],
      ['ΟΔΟΣ', 'οδοσ'],
      ['ΟΔΟΣ ΜΟΥ', 'οδοσ μ'],
      ['ΟΔΟΣΑ', 'ΟΔΟΣ'],
      ['ΟΔΟΣΑ', 'οδος'],
      ['ﬁne', 'FIN'],
      ['cafe\u0301', 'CAFÉ'],
      ['👍🏽 ok', '👍'],
      ['"quoted" \'text\'', '" \''],
    ])('of "%s" contains "%s"', async (title, text) => {
      expect(await finds(title, text)).toBe(true)
      expect(await finds('x', text, `before ${title} after`)).toBe(true)
    })

    test.each([
      ['100 done', '%'],
      ['snakecase', '_'],
      ['anything', '.*'],
      ['slash', '\\'],
      ['елка', 'ё'],
      ['strasse', 'ß'],
      ['abc', 'a.c'],
      ['abc', '^a'],
    ])('of "%s" does not contain "%s"', async (title, text) => {
      expect(await finds(title, text)).toBe(false)
    })

    test('is looked for in the whole of a long description, as far as folding leaves it about as long', async () => {
      expect(await finds('x', 'THE END', `${'Ёлка '.repeat(3_998)} the end`)).toBe(true)
      expect(await finds('x', '\ufdfa', '\ufdfa'.repeat(20_000))).toBe(true)
      expect(await finds('x', 'the end', `${'\ufdfa'.repeat(19_990)} the end`)).toBe(false)
    })

    test('does not run from the title into the description', async () => {
      expect(await finds('ab', 'b c', 'c d')).toBe(false)
      expect(await finds('ab', 'bc', 'cd')).toBe(false)
    })
  })

  test.each(['a.b', '$set', '%', '"', "it's", '{}', '\\', 'ё', '🏷', 'null', 'a,b'])(
    'the label %s is found as it is written',
    async (label) => {
      await save(task(1, { labels: ['x', label] }), task(2, { labels: ['x', `${label}.`] }), task(3))
      expect(await numbers({ label })).toEqual([1])
    },
  )

  test('days are both included; what has none is never within', async () => {
    const days = ['0001-01-01', '2026-02-01', '2026-02-02', '2026-02-03', '9999-12-31', null]
    await save(...days.map((dueDate, nth) => task(nth + 1, { dueDate })))
    expect(await numbers({ dueFrom: '2026-02-02' })).toEqual([3, 4, 5])
    expect(await numbers({ dueTo: '2026-02-02' })).toEqual([1, 2, 3])
    expect(await numbers({ dueFrom: '2026-02-02', dueTo: '2026-02-02' })).toEqual([3])
    expect(await numbers({ dueFrom: '2026-02-03', dueTo: '2026-02-02' })).toEqual([])
    expect(await numbers({ dueFrom: '0001-01-01', dueTo: '9999-12-31' })).toEqual([1, 2, 3, 4, 5])
  })

  test('somebody’s, nobody’s, and both at once', async () => {
    await save(task(1, { assigneeId: ivan }), task(2, { assigneeId: olga }), task(3))
    expect(await numbers({ assignee: ivan })).toEqual([1])
    expect(await numbers({ assigned: true })).toEqual([1, 2])
    expect(await numbers({ assigned: false })).toEqual([3])
    expect(await numbers({ assignee: ivan, assigned: true })).toEqual([1])
    expect(await numbers({ assignee: ivan, assigned: false })).toEqual([])
  })

  test.each([
    ['createdAt', [1, 2, 3, 4]],
    ['updatedAt', [4, 3, 2, 1]],
    ['priorityKey', [3, 1, 4, 2]],
    ['dueKey', [4, 2, 1, 3]],
  ] as const)('by %s they come in order, and in the opposite one', async (key, order) => {
    const said: [Priority, string | null][] = [
      ['normal', '2026-02-03'],
      ['urgent', '2026-02-02'],
      ['low', null],
      ['high', '2026-01-30'],
    ]
    const all = said.map(([level, dueDate], nth) =>
      task(nth + 1, { priority: level, dueDate }, { updatedAt: day(100 - nth) }),
    )
    await save(...all)
    expect(await numbers({ sort: { key, descending: false } })).toEqual(order)
    expect(await numbers({ sort: { key, descending: true } })).toEqual(order.toReversed())
  })
}

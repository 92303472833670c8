import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { platformCodes } from '../../platform/errors/codes.ts'
import { codes as projectCodes } from '../projects/contract.ts'
import { codes as userCodes } from '../users/contract.ts'
import { codes, tasks } from './contract.ts'
import { Create, List, Update } from './schema.ts'

describe.each(Object.entries(tasks))('%s', (_, spec) => {
  test('has an example that fits', () => {
    expect(spec.input.safeParse(spec.example.input).error).toBeUndefined()
    if ('output' in spec.example) expect(spec.output.parse(spec.example.output)).toEqual(spec.example.output)
  })

  test('answers codes that are known', () => {
    const known = { ...platformCodes, ...userCodes, ...projectCodes, ...codes }
    for (const code of 'rejects' in spec ? spec.rejects : []) expect(known).toHaveProperty([code])
  })

  test('can be documented', () => {
    expect(z.toJSONSchema(spec.input, { io: 'input' })).toMatchObject({ type: 'object', additionalProperties: false })
  })
})

describe('an input', () => {
  test('names its project by any spelling, a JSON number included', () => {
    for (const projectId of [1, '1', 'APOLLO', 'Apollo 11']) {
      expect(Create.parse({ projectId, title: 'x' })).toEqual({ projectId, title: 'x' })
    }
  })

  test('has each label once', () => {
    expect(Update.parse({ id: 'A-1', labels: ['b', 'a', ' b '] })).toEqual({ id: 'A-1', labels: ['b', 'a'] })
  })

  test.each([
    ['no title', { title: ' ' }],
    ['a title of two lines', { title: 'a\nb' }],
    ['a long title', { title: 'x'.repeat(201) }],
    ['a day that is not', { dueDate: '2026-02-30' }],
    ['a moment for a day', { dueDate: '2026-02-01T00:00:00Z' }],
    ['a state that is no beginning', { state: 'done' }],
    ['an unknown priority', { priority: 'huge' }],
    ['too many labels', { labels: Array.from({ length: 21 }, (_, nth) => `l${nth}`) }],
    ['an empty label', { labels: [''] }],
    ['a fraction of a project', { projectId: 1.5 }],
    ['a field that is not', { done: true }],
  ])('is refused with %s', (_, wrong) => {
    expect(Create.safeParse({ projectId: 1, title: 'x', ...wrong }).success).toBe(false)
  })

  test('of a list takes several states, and a page of at most 100', () => {
    expect(List.parse({ projectId: '1', state: ['todo', 'done'] })).toEqual({
      projectId: '1',
      state: ['todo', 'done'],
      sort: '-createdAt',
      limit: 50,
    })
    expect(List.safeParse({ projectId: '1', limit: 101 }).success).toBe(false)
    expect(List.safeParse({ projectId: '1', state: { $ne: 'todo' } }).success).toBe(false)
  })
})

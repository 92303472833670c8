import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Procedure, Rest } from '../contract/contract.ts'
import { createRoutes } from './routes.ts'

const FIELDS = { id: z.string(), a: z.string(), b: z.string() }
const procedure = (rest: Rest): Procedure => {
  return {
    kind: 'query',
    rest,
    summary: '',
    input: z.strictObject(FIELDS),
    output: z.object({}),
    example: { input: {} },
  }
}
const table = (...rests: Rest[]) =>
  createRoutes([{ name: 'x', contract: Object.fromEntries(rests.map((rest) => [rest, procedure(rest)])) }])

function found(rests: Rest[], method: string, path: string): unknown {
  const result = table(...rests).find(method, path)
  if (!result) return undefined
  return 'route' in result ? [`${result.route.method} ${result.route.template}`, ...result.params] : result.allow
}

const TASKS: Rest[] = [
  'GET /tasks/{id}',
  'PATCH /tasks/{id}',
  'GET /tasks/me',
  'GET /tasks',
  'POST /tasks',
  'GET /{a}/me/{b}',
]

describe('routes', () => {
  test.each([
    ['GET', '/tasks', 'GET /tasks'],
    ['GET', '/tasks/', 'GET /tasks'],
    ['POST', '/tasks/', 'POST /tasks'],
    ['GET', '/tasks/me', 'GET /tasks/me'],
    ['HEAD', '/tasks/me', 'GET /tasks/me'],
  ])('%s %s is %s', (method, path, route) => {
    expect(found(TASKS, method, path)).toEqual([route])
  })

  test.each([
    ['GET', '/tasks/7', ['GET /tasks/{id}', '7']],
    ['GET', '/tasks/7/', ['GET /tasks/{id}', '7']],
    ['PATCH', '/tasks/me', ['PATCH /tasks/{id}', 'me']],
    ['GET', '/tasks/me/8', ['GET /{a}/me/{b}', 'tasks', '8']],
    ['GET', '/tasks/john%20doe', ['GET /tasks/{id}', 'john doe']],
    ['GET', '/tasks/a%2Fb%252F', ['GET /tasks/{id}', 'a/b%2F']],
    ['GET', '/t%61sks/%D1%91', ['GET /tasks/{id}', 'ё']],
    ['GET', '/tasks/a+b', ['GET /tasks/{id}', 'a+b']],
  ])('%s %s has its parameters', (method, path, expected) => {
    expect(found(TASKS, method, path)).toEqual(expected)
  })

  test.each(['/', '/task', '/tasks//', '//tasks', '/tasks/7/8', '/__proto__', '/tasks/me/', '/constructor'])(
    'GET %s is %s only if there is such a path',
    (path) => {
      expect(found(TASKS, 'GET', path)).toEqual(path === '/tasks/me/' ? ['GET /tasks/me'] : undefined)
    },
  )

  test('a wrong method is told the right ones, of every route that fits', () => {
    expect(found(TASKS, 'DELETE', '/tasks')).toEqual(['GET', 'HEAD', 'POST'])
    expect(found(TASKS, 'DELETE', '/tasks/me')).toEqual(['GET', 'HEAD', 'PATCH'])
  })

  test.each(['/tasks/%', '/tasks/%zz', '/tasks/%ff', '/%c3%28'])('%s is malformed', (path) => {
    expect(() => found(TASKS, 'GET', path)).toThrow(expect.objectContaining({ code: 'input.malformed' }))
  })

  test('the most specific route wins, in whatever order they are declared', () => {
    const rests: Rest[] = ['GET /{a}/{b}', 'GET /x/{b}', 'GET /{a}/y', 'GET /x/y', 'GET /x/z']
    fc.assert(
      fc.property(fc.shuffledSubarray(rests, { minLength: 5 }), (shuffled) => {
        expect(found(shuffled, 'GET', '/x/y')).toEqual(['GET /x/y'])
        expect(found(shuffled, 'GET', '/x/w')).toEqual(['GET /x/{b}', 'w'])
        expect(found(shuffled, 'GET', '/w/y')).toEqual(['GET /{a}/y', 'w'])
        expect(found(shuffled, 'GET', '/w/z')).toEqual(['GET /{a}/{b}', 'w', 'z'])
      }),
    )
  })

  test('any text comes through a parameter', () => {
    const routes = table('GET /tasks/{id}')
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (text) => {
        expect(routes.find('GET', `/tasks/${encodeURIComponent(text)}`)).toMatchObject({ params: [text] })
      }),
    )
  })

  test('two routes cannot be the same', () => {
    expect(() => table('GET /tasks/{id}', 'GET /tasks/{a}')).toThrow('are both GET')
  })

  test('a parameter is a whole segment', () => {
    expect(() => table('GET /tasks/{id}.json')).toThrow('whole segment')
  })
})

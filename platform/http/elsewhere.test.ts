import { describe, expect, test } from 'vitest'
import type { Health } from './health.ts'
import { bookApp } from './testing/app.testing.ts'

const health = (serving: boolean, leaving: boolean): Health => ({
  serving: () => serving,
  leaving: () => leaving,
  missing: async () => ({}),
})
const throughGateway = { 'gateway-retries': '421' }

describe.each([
  ['that starts', health(false, false), 503],
  ['that stops', health(true, true), 200],
])('an instance %s', (_, state, otherwise) => {
  const app = bookApp({ health: state })

  test('has a gateway send a request elsewhere, whatever it asks for', async () => {
    for (const path of ['/books/b1', '/trpc/books.byId?input=%7B%22id%22%3A%22b1%22%7D', '/nothing', '/docs']) {
      const answer = await app.get(path, throughGateway)
      expect([answer.status, await answer.text()]).toEqual([421, ''])
    }
    expect((await app.send('POST', '/count', { n: 1 }, throughGateway)).status).toBe(421)
  })

  test('answers everybody else as it can', async () => {
    expect((await app.get('/books/b1')).status).toBe(otherwise)
    expect((await app.get('/books/b1', { 'gateway-retries': '1' })).status).toBe(otherwise)
  })

  test('tells its health to everybody', async () => {
    for (const path of ['/livez', '/metrics']) expect((await app.get(path, throughGateway)).status).toBe(200)
  })
})

test('an instance that serves answers a gateway, too', async () => {
  expect((await bookApp().get('/books/b1', throughGateway)).status).toBe(200)
})

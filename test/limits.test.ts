import { afterAll, beforeAll, expect, test } from 'vitest'
import { type System, startEmbedded } from './system.ts'

let system: System
beforeAll(async () => {
  system = await startEmbedded({ RATE_LIMIT: '3', TRUST_PROXY: '1' })
})
afterAll(() => system?.stop())

test('RATE_LIMIT holds for each address, which the proxies of TRUST_PROXY tell', async () => {
  const { stranger } = system.people
  const ask = (path: string, forwardedFor: string) =>
    stranger.ask('GET', path, { headers: { 'x-forwarded-for': forwardedFor } })
  const statuses = async (forwardedFor: string) => [
    (await ask('/users', forwardedFor)).status,
    (await ask('/trpc/users.me', forwardedFor)).status,
  ]
  expect(await statuses('203.0.113.1')).toEqual([401, 401])
  expect(await statuses('198.51.100.7, 203.0.113.1')).toEqual([401, 429])
  const refused = await ask('/users', '203.0.113.1')
  expect(refused).toMatchObject({ status: 429, body: { code: 'rate.limited' } })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await statuses('203.0.113.2')).toEqual([401, 401])
  expect((await ask('/livez', '203.0.113.1')).status).toBe(200)
})

test('TRUST_PROXY takes the word of the proxy on TLS', async () => {
  const { stranger } = system.people
  const secured = async (proto: string) => {
    const { headers } = await stranger.ask('GET', '/livez', { headers: { 'x-forwarded-proto': proto } })
    return headers.get('strict-transport-security')
  }
  expect([await secured('https'), await secured('http')]).toEqual(['max-age=31536000', null])
})

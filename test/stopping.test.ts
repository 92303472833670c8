import { beforeAll, expect, test } from 'vitest'
import { type System, startEmbedded } from './system.ts'

let system: System
beforeAll(async () => {
  system = await startEmbedded({ DRAIN_SECONDS: '3' })
})

test('DRAIN_SECONDS: one that is told to stop is not ready any more, and serves on until it has been noticed', async () => {
  const { url, people, stop } = system
  const admin = await people.admin()
  const stopped = stop()
  expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ missing: { process: 'stopping' } })
  expect((await admin.ask('POST', '/projects', { body: { name: 'Late', description: '' } })).status).toBe(201)
  expect((await admin.ask('GET', '/projects', { headers: { 'gateway-retries': '421' } })).status).toBe(421)
  await stopped
  await expect(fetch(`${url}/readyz`)).rejects.toThrow()
})

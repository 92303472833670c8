import { beforeAll, expect, test } from 'vitest'
import { type System, startEmbedded } from './system.ts'

let system: System
beforeAll(async () => {
  system = await startEmbedded({ DRAIN_SECONDS: '10' })
})

test('DRAIN_SECONDS: one that is told to stop is not ready any more, and serves on until it has been noticed', async () => {
  const { url, people, stop } = system
  const admin = await people.admin()
  const stopped = stop()
  const late = { body: { name: 'Late', description: '' }, headers: { prefer: 'wait=10' } }
  const [ready, change, fromGateway] = await Promise.all([
    fetch(`${url}/readyz`).then((answer) => answer.json()),
    admin.ask('POST', '/projects', late),
    admin.ask('GET', '/projects', { headers: { 'gateway-retries': '421' } }),
  ])
  expect(ready).toMatchObject({ missing: { process: 'stopping' } })
  expect([change.status, fromGateway.status]).toEqual([201, 421])
  await stopped
  await expect(fetch(`${url}/readyz`)).rejects.toThrow()
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway } from '../containers/gateway.ts'
import { type Network, openNetwork } from '../containers/network.ts'
import type { Program } from '../system/program.ts'
import { createUpstreams, type Upstreams } from './upstreams.ts'

// A service has no instance: its name is one that nobody knows. The gateway looks one name up at a time.
let network: Network
let gateway: Program
let upstreams: Upstreams

beforeAll(async () => {
  network = await openNetwork()
  upstreams = createUpstreams(network)
  for (const name of ['users', 'projects', 'documents']) await upstreams.open(name)
  gateway = await startGateway(network)
})

afterAll(async () => {
  await upstreams?.close()
  await gateway?.end('SIGTERM')
  await network?.close()
})

test('a service that is gone costs the others nothing', async () => {
  const stopping = new AbortController()
  const waiting = Array.from({ length: 8 }, () =>
    fetch(`${gateway.url}/tasks`, { signal: stopping.signal }).catch(() => undefined),
  )
  const statuses: number[] = []
  // For longer than the gateway keeps what it was told of a name; and one look-up that nobody answers takes longer than 8 s.
  for (let round = 0; round < 5; round++) {
    for (const path of ['/projects', '/mongo', '/users']) {
      statuses.push((await fetch(gateway.url + path, { signal: AbortSignal.timeout(8000) })).status)
    }
    await fetch(`${gateway.url}/tasks`, { signal: AbortSignal.timeout(300) }).catch(() => undefined)
  }
  stopping.abort()
  await Promise.all(waiting)
  expect(statuses).toEqual(statuses.map(() => 200))
})

test('and is there again when an instance is', async () => {
  const answer = fetch(`${gateway.url}/tasks`, { method: 'POST', body: '{}' })
  const tasks = await upstreams.open('tasks')
  expect((await answer).status).toBe(200)
  expect(tasks.received.filter(({ method }) => method === 'POST')).toHaveLength(1)
})

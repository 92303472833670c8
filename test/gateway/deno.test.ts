import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { root } from '../architecture/sources.ts'
import { startGateway } from '../containers/gateway.ts'
import { type Network, openNetwork } from '../containers/network.ts'
import { deno, surroundings } from '../deno/deno.ts'
import { firstAdmin } from '../system/first-admin.ts'
import { createPeople, type Person } from '../system/people.ts'
import { type Place, realPlace } from '../system/place.ts'
import { type Program, startProcess } from '../system/program.ts'
import { admin } from '../system.ts'

// A service on Deno, whose server is another one, stops as the bundles on Node do.
let place: Place
let network: Network
let gateway: Program
let person: Person
const programs: Program[] = []

/** An instance of a service under its own permissions, as `deno task` starts it. */
async function start(service: string, address = network.nextAddress()): Promise<Program & { address: string }> {
  const program = startProcess({
    command: [deno, 'task', service],
    cwd: root,
    env: {
      ...surroundings(),
      ...place.env,
      ADMIN_PASSWORD: admin.password,
      HOST: address,
      PORT: '8000',
      DRAIN_SECONDS: '1',
      NO_COLOR: '1',
    },
    url: `http://${address}:8000`,
  })
  programs.push(program)
  void program.ended.then(network.join(service, address))
  await program.ready()
  return { ...program, address }
}

beforeAll(async () => {
  place = await realPlace()
  network = await openNetwork()
  gateway = await startGateway(network)
  await Promise.all([start('users'), start('consumer')])
  person = await firstAdmin(place, createPeople(gateway.url, admin))
}, 120_000)

afterAll(async () => {
  await Promise.all([gateway, ...programs].map((program) => program?.status() ?? program?.end('SIGTERM')))
  await network?.close()
  await place?.remove()
})

test('an instance on Deno that is told to stop fails no request', async () => {
  let [first, second] = await Promise.all([start('documents'), start('documents')])
  const failed: unknown[] = []
  let answered = 0
  let stopping = false
  const clients = Array.from({ length: 16 }, async () => {
    while (!stopping) {
      const answer = await person
        .ask('POST', '/mongo', { body: { key: 'value' } })
        .catch((error: unknown) => ({ status: 0, body: String(error) }))
      if (answer.status === 201 || answer.status === 202) answered += 1
      else failed.push([answer.status, answer.body])
    }
  })
  const goOn = async () => {
    const until = answered + 100
    await vi.waitFor(() => expect([answered >= until, failed]).toEqual([true, []]), { timeout: 60_000, interval: 50 })
  }

  try {
    for (let round = 0; round < 4; round++) {
      await goOn()
      expect(await first.end('SIGTERM')).toBe(0)
      ;[first, second] = [second, await start('documents', first.address)]
    }
    await goOn()
  } finally {
    stopping = true
    await Promise.all(clients)
  }
  expect(failed).toEqual([])
}, 240_000)

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { serviceNames } from '../../services/catalog.ts'
import { type ContainerSystem, startContainers } from '../containers/system.ts'
import type { Person } from '../system/people.ts'
import { expectMade, startLoad } from './load.ts'

// One instance of everything behind the gateway, as `docker compose up` starts it: `docker compose restart tasks` under load.
let system: ContainerSystem
let person: Person

beforeAll(async () => {
  system = await startContainers()()
  person = await system.people.join()
}, 120_000)
afterAll(() => system?.stop(), 120_000)

/** A question that one service asks another waits for 5 s, a request at the gateway for 10 s. */
const SHORT_MS = 4000

test.each([...serviceNames, 'consumer'])(
  'a short restart of %s fails no request, a longer one none but with 503',
  async (service) => {
    const { id: project } = await person
      .over('REST')
      .projects.create({ name: `Restart of ${service}`, description: '' })
    const load = startLoad({ person, project, clients: 16 })
    const goOn = async () => {
      const until = load.answered() + 100
      await vi.waitFor(() => expect(load.answered()).toBeGreaterThan(until), { timeout: 60_000, interval: 50 })
    }
    let short: boolean
    try {
      await goOn()
      const from = performance.now()
      await system.of(service)[0]!.restart()
      short = performance.now() - from < SHORT_MS
      await goOn()
    } finally {
      await load.stop()
    }
    expect(load.failed.filter(({ status }) => short || status !== 503)).toEqual([])
    await expectMade(load, person, project)
  },
  180_000,
)

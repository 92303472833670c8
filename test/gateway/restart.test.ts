import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ContainerSystem, startContainers } from '../containers/system.ts'
import type { Person } from '../system/people.ts'
import { expectMade, startLoad } from './load.ts'

// Two instances of everything behind the gateway, under load: what their callers notice of one that ends.
let system: ContainerSystem
let person: Person

beforeAll(async () => {
  system = await startContainers({ scale: { users: 2, projects: 2, tasks: 2, documents: 2, consumer: 2 } })()
  person = await system.people.join()
}, 120_000)
afterAll(() => system?.stop(), 120_000)

async function newProject(): Promise<string> {
  const { id } = await person.over('REST').projects.create({ name: `Restarts ${Math.random()}`, description: '' })
  return id
}

test('a restart of everything, one after another, fails no request', async () => {
  const project = await newProject()
  const load = startLoad({ person, project, clients: 16 })
  try {
    await load.goOn(200)
    for (const container of system.all) {
      await container.restart()
      await load.goOn(50)
    }
  } finally {
    await load.stop()
  }
  expect(load.failed).toEqual([])
  expect(load.answered()).toBeGreaterThan(600)
  await expectMade(load, person, project)
}, 300_000)

test('an instance that is killed loses what it was at, which is said, and under its key done once', async () => {
  const project = await newProject()
  const load = startLoad({ person, project, clients: 16, keyed: true })
  try {
    await load.goOn(200)
    for (const service of ['tasks', 'projects', 'users', 'documents']) {
      const [first] = system.of(service)
      await first!.end('SIGKILL')
      await load.goOn(100)
      first!.start()
      await first!.ready()
    }
  } finally {
    await load.stop()
  }
  expect(load.failed).toEqual([])
  await expectMade(load, person, project)
}, 300_000)

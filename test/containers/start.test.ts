import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { firstAdmin } from '../system/first-admin.ts'
import { createPeople, type Person } from '../system/people.ts'
import { startProcess } from '../system/program.ts'
import { admin } from '../system.ts'
import { type TroubledPlace, troubledPlace } from '../trouble/place.ts'
import type { Container } from './container.ts'
import { type Containers, openContainers } from './system.ts'

const PATIENCE = { timeout: 60_000, interval: 100 }

describe('a bundle alone', () => {
  test.each([
    ['users', ['KAFKA_BROKERS', 'DATABASE_URL']],
    ['projects', ['KAFKA_BROKERS', 'DATABASE_URL', 'USERS_URL']],
    ['tasks', ['KAFKA_BROKERS', 'DATABASE_URL', 'USERS_URL', 'PROJECTS_URL']],
    ['documents', ['KAFKA_BROKERS', 'DATABASE_URL']],
    ['consumer', ['KAFKA_BROKERS', 'DATABASE_URL']],
  ])('%s says which URLs it lacks, and ends', async (service, needs) => {
    const command = [inject('node'), `${service}.js`]
    const program = startProcess({ command, cwd: inject('app'), env: {}, url: 'http://127.0.0.1:9' })
    expect(await program.ended).toBe(1)
    const lacking = [...program.said().matchAll(/^ {2}(\w+) is missing/gm)].map(([, name]) => name)
    expect(lacking.sort()).toEqual(needs.toSorted())
  })
})

describe.each(['mongo', 'redis'] as const)('a start without %s', { timeout: 300_000 }, (part) => {
  let place: TroubledPlace
  let containers: Containers
  beforeAll(async () => {
    place = await troubledPlace()
    containers = await openContainers({ place, variables: { ADMIN_PASSWORD: admin.password, DEMO_DATA: 'false' } })
    await place.parts[part].vanish()
  })
  afterAll(() => containers?.down())

  const missing = async (service: string): Promise<object> => {
    const answer = await fetch(`${containers.of(service)[0]!.url}/readyz`)
    return (await answer.json()).missing ?? {}
  }

  test('serves what needs it not, and all of it once it is there', async () => {
    const up = containers.up()
    // Nobody is ready without MongoDB, and everybody without Redis, which is a cache.
    const lacking = part === 'mongo' ? ['mongodb'] : []
    for (const service of ['users', 'tasks', 'consumer']) {
      await vi.waitFor(async () => expect(Object.keys(await missing(service))).toEqual(lacking), PATIENCE)
    }
    await firstAdmin(place, createPeople(containers.of('users')[0]!.url, admin))

    if (part === 'mongo') await place.parts.mongo.appear()
    const { projects, tasks } = (await createPeople((await up).url, admin).admin()).over('REST')
    const { id: projectId } = await projects.create({ name: 'Apollo' })
    const task = await tasks.create({ projectId, title: 'Fuel' })
    if (part === 'redis') await place.parts.redis.appear()
    expect(await tasks.byId({ id: task.id })).toEqual(task)
  })
})

// As `docker compose up` without any variable, before what the services stand on is there.
describe('the first start of all, with two instances that could make the admin', { timeout: 300_000 }, () => {
  let place: TroubledPlace
  let containers: Containers
  let url: string
  let root: Person
  beforeAll(async () => {
    place = await troubledPlace()
    containers = await openContainers({ place, scale: { users: 2 } }, { START_DEADLINE: '300' })
    for (const part of Object.values(place.parts)) await part.vanish()
  })
  afterAll(() => containers?.down())

  test('waits for each part, says so, and goes on when it is there', async () => {
    const up = containers.up()
    const allSaid = (text: RegExp) =>
      vi.waitFor(() => expect(containers.all.filter((one) => !text.test(one.said()))).toEqual([]), PATIENCE)
    await allSaid(/Waiting for Postgres \(.+\)\./)
    await place.parts.postgres.appear()
    await allSaid(/Waiting for Kafka \(.+\)\./)
    await place.parts.kafka.appear()
    await place.parts.mongo.appear()
    await place.parts.redis.appear()
    url = (await up).url
  })

  test('makes one admin, whose password is shown once', async () => {
    // What was printed before it was ready comes by another way.
    const shown = () =>
      containers.of('users').flatMap((one) => [...one.said().matchAll(/Admin {5}admin, password (\S+)/g)])
    await vi.waitFor(() => expect(shown()).not.toEqual([]), PATIENCE)
    root = await createPeople(url, { username: 'admin', password: shown()[0]![1]! }).admin()
    expect(shown()).toHaveLength(1)
  })

  test('puts in the demo data once', async () => {
    const { users, projects, tasks } = root.over('REST')
    const state = async () => {
      const { items } = await projects.list()
      const boards = await Promise.all(items.map(({ id }) => tasks.list({ projectId: id })))
      const people = await users.list()
      return [items.map(({ key }) => key).sort(), boards.map((board) => board.items.length).sort(), people.items.length]
    }
    expect(await state()).toEqual([['HARBOUR', 'SAD'], [4, 5], 4])
  })
})

describe('users without a consumer', { timeout: 300_000 }, () => {
  let containers: Containers
  let users: Container
  beforeAll(async () => {
    containers = await openContainers({ variables: { ADMIN_PASSWORD: admin.password } }, { START_DEADLINE: '300' })
    users = containers.of('users')[0]!
  })
  afterAll(() => containers?.down())
  const readyz = async (): Promise<object> => (await fetch(`${users.url}/readyz`)).json()

  test('is not ready at the first start, and says why', async () => {
    users.start()
    const missing = { 'first start': expect.stringContaining('a consumer has to run') }
    await vi.waitFor(async () => expect(await readyz()).toEqual({ status: 'degraded', missing }), PATIENCE)
    expect((await fetch(`${users.url}/.well-known/jwks.json`)).status).toBe(200) // which others may wait for
  })

  test('has the admin and the demo data once it is ready', async () => {
    containers.of('consumer')[0]!.start()
    await users.ready()
    const root = await createPeople(users.url, admin).login(admin)
    expect((await root.over('REST').users.list()).items).toHaveLength(4)
  })

  test('is ready at a later start, without any', async () => {
    await containers.of('consumer')[0]!.end('SIGTERM')
    await users.restart()
    await createPeople(users.url, admin).login(admin)
  })
})

import { Redis } from 'ioredis'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Project } from '../services/projects/schema.ts'
import type { Task } from '../services/tasks/schema.ts'
import { createPeople, type Person, unique } from './system/people.ts'
import { type Program, startProgram } from './system/program.ts'
import type { Answer } from './system/rest.ts'
import { admin, type System, startHere } from './system.ts'
import { type TroubledPlace, troubledPlace } from './trouble/place.ts'

type Part = keyof TroubledPlace['parts']

/** How a part may be away. */
const ways = [
  { way: 'gone', leave: 'vanish', back: 'appear' },
  { way: 'hanging', leave: 'hang', back: 'resume' },
] as const

const PATIENCE = { timeout: 40_000, interval: 100 }
const LONG = { timeout: 120_000 }

let place: TroubledPlace
let system: System
let ann: Person
let project: Project
beforeAll(async () => {
  place = await troubledPlace()
  system = await startHere(place)
  ann = await system.people.join('ann')
  project = await ann.over('REST').projects.create({ name: unique('trouble') })
})
afterAll(() => system?.stop())

const missing = async (): Promise<string[]> => {
  const { status, body } = await ann.ask<{ missing?: object }>('GET', '/readyz')
  expect(status).toBe(body.missing ? 503 : 200)
  return Object.keys(body.missing ?? {})
}
const patient = { prefer: 'wait=10' }
const makeProject = () => ann.ask<Project>('POST', '/projects', { body: { name: unique('made') }, headers: patient })
const makeTask = (title: string) => ann.ask<Task>('POST', '/tasks', { body: { projectId: project.id, title } })

/** It is over: the part is there, everything is as before. */
async function recovered(): Promise<void> {
  await vi.waitFor(async () => expect(await missing()).toEqual([]), PATIENCE)
  await vi.waitFor(async () => expect((await makeProject()).status).toBe(201), PATIENCE)
  await vi.waitFor(async () => expect((await makeTask('after')).status).toBe(201), PATIENCE)
}

async function without(part: Part, { leave, back }: (typeof ways)[number], work: () => Promise<void>): Promise<void> {
  await place.parts[part][leave]()
  try {
    await work()
  } finally {
    await place.parts[part][back]()
  }
  await recovered()
}

/** Refused, with the time after which to try again. */
function expectUnavailable({ status, headers, body }: Answer, ...codes: string[]): void {
  expect([status, body]).toMatchObject([503, { code: expect.toSatisfy((code) => codes.includes(code)) }])
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
}

async function outcomeOf({ headers }: Answer): Promise<unknown> {
  return (await ann.ask<{ status: string }>('GET', `${headers.get('location')}?wait=10`)).body
}

/** What is in Redis after a read: a person who looks there finds the entity. */
async function cached(kind: 'user' | 'project' | 'task', id: string): Promise<string | null> {
  expect((await ann.ask('GET', `/${kind}s/${id}`)).status).toBe(200)
  const redis = new Redis(place.env.REDIS_URL!)
  return redis.get(`${place.env.REDIS_PREFIX}${kind}:${id}`).finally(() => redis.disconnect())
}

/** Resolves once tasks are read from MongoDB: a new installation reads its tables until that holds everything. */
async function readFromMongo(): Promise<void> {
  const [id, title] = [(await makeTask('decided')).body.id, 'changed behind the back']
  const mongo = new MongoClient(place.env.MONGO_URL!)
  const tasks = mongo.db().collection<{ _id: string }>('tasks')
  let limit = 61 // of a page that nobody has asked for
  await vi.waitFor(async () => {
    await tasks.updateOne({ _id: id }, { $set: { title } })
    const { items } = await ann.over('REST').tasks.list({ projectId: project.id, limit: limit++ })
    expect(items).toContainEqual(expect.objectContaining({ id, title }))
  }, PATIENCE)
  await mongo.close()
}

describe.each(ways)('Redis $way', LONG, (way) => {
  test('everything is right, nothing is an error', async () => {
    await without('redis', way, async () => {
      const { projects, tasks } = ann.over('REST')
      for (const nth of [1, 2, 3]) {
        const { id } = await projects.create({ name: unique('uncached') })
        const name = unique('renamed')
        expect(await projects.byName({ name: (await projects.update({ id, name })).name })).toMatchObject({ id, name })
        const task = await tasks.create({ projectId: id, title: `Task ${nth}` })
        expect(await tasks.byCode({ code: task.code })).toEqual(task)
        expect((await tasks.list({ projectId: id })).items).toEqual([task])
      }
      await vi.waitFor(async () => expect(await missing()).toEqual([]), PATIENCE) // each part has a second to answer in
    })
    const task = { id: (await makeTask('looked for')).body.id, title: 'looked for' }
    const found = { user: { id: ann.id, username: ann.username }, project, task }
    for (const kind of ['user', 'project', 'task'] as const) {
      const look = () => cached(kind, found[kind].id)
      await vi.waitFor(async () => expect(await look()).toMatch(/^\{"version":1,/), PATIENCE)
      expect(JSON.parse((await look()) ?? '')).toMatchObject(found[kind])
    }
  })
})

describe.each(ways)('Kafka $way', LONG, (way) => {
  test('changes are 503 after their deadline, reads go on, readiness says so', async () => {
    await without('kafka', way, async () => {
      const change = makeProject()
      expect((await ann.ask('GET', `/projects/${project.key}`)).body).toEqual(project)
      expect((await ann.ask('GET', `/tasks?projectId=${project.id}`)).status).toBe(200)
      expectUnavailable(await change, 'log.unavailable', 'log.unknown')
      await vi.waitFor(async () => expect(await missing()).toContain('log'), PATIENCE)
      expect((await ann.ask('GET', '/users/me')).status).toBe(200)
    })
  })
})

describe.each(ways)('MongoDB $way', LONG, (way) => {
  test('users and projects go on; changes of tasks and documents are accepted, and made when it returns', async () => {
    let accepted: Answer<unknown>[] = []
    await without('mongo', way, async () => {
      expect((await makeProject()).status).toBe(201)
      const renamed = await ann.ask('PATCH', '/users/me', { body: { fullName: unique('Ann') }, headers: patient })
      expect(renamed.status).toBe(200)
      accepted = await Promise.all([makeTask('kept'), ann.ask('POST', '/mongo', { body: { kept: true } })])
      expect(accepted.map(({ status }) => status)).toEqual([202, 202])
      expect(await outcomeOf(accepted[0]!)).toEqual({ status: 'pending' })
      await vi.waitFor(async () => expect(await missing()).toEqual(['mongodb']), PATIENCE)
      const read = await ann.ask('GET', `/tasks?projectId=${project.id}&limit=99`)
      if (read.status !== 200) expectUnavailable(read, 'store.unavailable')
    })
    for (const answer of accepted) expect(await outcomeOf(answer)).toMatchObject({ status: 'succeeded' })
    const { items } = await ann.over('REST').tasks.list({ projectId: project.id, text: 'kept' })
    expect(items.map(({ id }) => id)).toContain((accepted[0]!.body as { id: string }).id)
  })
})

test(
  'a MongoDB that hangs does not use up the places for loads: its reads are refused, those of Postgres go on',
  LONG,
  async () => {
    await readFromMongo()
    await without('mongo', ways[1], async () => {
      const reads = ['createdAt', '-updatedAt'].flatMap((sort) =>
        Array.from({ length: 80 }, (_, n) =>
          ann.ask('GET', `/tasks?projectId=${project.id}&sort=${sort}&limit=${n + 1}`),
        ),
      )
      const other = ann.ask('GET', '/projects?limit=93')
      for (const answer of await Promise.all(reads)) expectUnavailable(answer, 'store.unavailable')
      expect((await other).status).toBe(200)
    })
    await vi.waitFor(async () => {
      expect((await ann.ask('GET', `/tasks?projectId=${project.id}&limit=61`)).status).toBe(200)
    }, PATIENCE)
  },
)

describe.each(ways)('Postgres $way', LONG, (way) => {
  test('what needs it is 503, what was accepted is made when it returns', async () => {
    const made: Answer<unknown>[] = []
    await without('postgres', way, async () => {
      const change = async () => {
        const answer = await makeTask('accepted')
        if (answer.status === 202) made.push(answer)
        else expectUnavailable(answer, 'store.unavailable', 'log.unknown', 'service.overloaded')
      }
      await Promise.all([change(), change()])
      const login = system.people.login(ann)
      await expect(login).rejects.toMatchObject({ status: 503, code: 'store.unavailable' })
      const reads = ['/users/me', `/projects/${project.id}`, '/projects', `/tasks?projectId=${project.id}`]
      for (const read of await Promise.all(reads.map((path) => ann.ask('GET', path)))) {
        if (read.status !== 200) expectUnavailable(read, 'store.unavailable', 'service.overloaded')
      }
      await vi.waitFor(async () => expect(await missing()).toContain('postgres'), PATIENCE)
      expect((await ann.ask('GET', '/livez')).status).toBe(200)
    })
    for (const answer of made) expect(await outcomeOf(answer)).toMatchObject({ status: 'succeeded' })
    expect(await system.people.login(ann)).toMatchObject({ id: ann.id })
  })
})

describe('a start before the parts are there', LONG, () => {
  let waiting: TroubledPlace
  let program: Program | undefined
  beforeAll(async () => {
    waiting = await troubledPlace()
    for (const part of Object.values(waiting.parts)) await part.vanish()
  })
  afterAll(async () => {
    if (program?.status() === undefined) await program?.end('SIGTERM')
    await waiting?.remove()
  })

  test('ends after its deadline, and says what is missing', async () => {
    const late = await startProgram({ ...waiting.env, START_DEADLINE: '1' })
    expect(await late.ended).toBe(1)
    expect(late.said()).toMatch(/Postgres could not be reached in time \(.+\)\. Start it, or correct its URL\./)
  })

  test('waits for them, says so, and goes on when they are', async () => {
    program = await startProgram({ ...waiting.env, ADMIN_PASSWORD: admin.password })
    await vi.waitFor(() => expect(program!.said()).toMatch(/Waiting for Postgres \(.+\)\./), PATIENCE)
    await waiting.parts.postgres.appear()
    await vi.waitFor(() => expect(program!.said()).toMatch(/Waiting for Kafka \(.+\)\./), PATIENCE)
    await waiting.parts.kafka.appear()
    await vi.waitFor(() => expect(program!.said()).toContain('Trefoil   http'), PATIENCE)
    const people = createPeople(program.url, admin)
    const root = await people.admin()
    const { id } = await root.over('REST').projects.create({ name: unique('early') })
    expect((await root.ask('POST', '/tasks', { body: { projectId: id, title: 'x' } })).status).toBe(202)
    await waiting.parts.mongo.appear()
    await waiting.parts.redis.appear()
    await program.ready()
    await vi.waitFor(async () => {
      expect((await root.over('REST').tasks.list({ projectId: id })).items).toHaveLength(1)
    }, PATIENCE)
  })
})

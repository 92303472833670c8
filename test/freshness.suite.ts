import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Project } from '../services/projects/schema.ts'
import type { Client } from './system/client.ts'
import { type Person, unique } from './system/people.ts'
import type { System } from './system.ts'

/** Where it is written, and where it is read: another instance, or the same. */
export interface Instances {
  writer: System
  reader: System
  stop(): Promise<void>
}

const PAIRS = 300
const CLIENTS = 6

/** A change that was answered is seen by every read that comes after the answer, whoever reads, wherever, without a token. */
export function freshnessSuite(start: () => Promise<Instances>): void {
  describe(`of ${PAIRS} changes, each read at once by somebody else`, () => {
    let instances: Instances
    let ann: Person
    let bob: Person
    let root: Client
    let project: Project
    beforeAll(async () => {
      instances = await start()
      ann = await instances.writer.people.join('ann')
      bob = await instances.reader.people.join('bob')
      root = (await instances.writer.people.admin()).over('tRPC')
      const { projects } = ann.over('REST')
      project = await projects.create({ name: unique('fresh') })
      await projects.addMember({ id: project.id, user: bob.id })
    })
    afterAll(() => instances?.stop())

    /** Resolves to what was read as it should be: `[read, written]`. */
    type Pair = (write: Client, read: Client) => Promise<[unknown, unknown]>
    const pairs: Record<string, Pair> = {
      async 'a made task by id'({ tasks }, read) {
        const task = await tasks.create({ projectId: project.id, title: unique('made') })
        return [await read.tasks.byId({ id: task.id }), task]
      },
      async 'a made task by code'({ tasks }, read) {
        const task = await tasks.create({ projectId: project.id, title: unique('made') })
        return [await read.tasks.byCode({ code: task.code }), task]
      },
      async 'a changed task by id'({ tasks }, read) {
        const { id } = await tasks.create({ projectId: project.id, title: unique('made') })
        await read.tasks.byId({ id })
        const changed = await tasks.update({ id, title: unique('changed') })
        return [await read.tasks.byId({ id }), changed]
      },
      async 'a made task in a list'({ tasks }, read) {
        const task = await tasks.create({ projectId: project.id, title: unique('made') })
        const { items } = await read.tasks.list({ projectId: project.id, limit: 100 })
        return [items.find(({ id }) => id === task.id), task]
      },
      async 'a changed task in a search'({ tasks }, read) {
        const { id } = await tasks.create({ projectId: project.id, title: unique('made') })
        const title = unique('changed')
        const search = () => read.tasks.list({ projectId: project.id, text: title })
        expect((await search()).items).toEqual([])
        const changed = await tasks.update({ id, title })
        return [(await search()).items, [changed]]
      },
      async 'a removed task in a list'({ tasks }, read) {
        const { id } = await tasks.create({ projectId: project.id, title: unique('made') })
        await tasks.remove({ id })
        const { items } = await read.tasks.list({ projectId: project.id, limit: 100 })
        return [items.find((task) => task.id === id), undefined]
      },
      async 'a moved task in a filter'({ tasks }, read) {
        const title = unique('made')
        const { id } = await tasks.create({ projectId: project.id, title })
        const moved = await tasks.move({ id, state: 'todo' })
        return [(await read.tasks.list({ projectId: project.id, state: ['todo'], text: title })).items, [moved]]
      },
      async 'a new project by name, for whom it was shared with'({ projects }, read) {
        const { id, name } = await projects.create({ name: unique('made') })
        const shared = await projects.addMember({ id, user: bob.id })
        return [await read.projects.byName({ name }), shared]
      },
      async 'a renamed project by its new name'({ projects }, read) {
        const { id } = await projects.create({ name: unique('made') })
        await projects.addMember({ id, user: bob.id })
        await read.projects.byId({ id })
        const renamed = await projects.update({ id, name: unique('renamed') })
        return [await read.projects.byName({ name: renamed.name }), renamed]
      },
      async 'a shared project in a search'({ projects }, read) {
        const { id, name } = await projects.create({ name: unique('made') })
        expect((await read.projects.list({ q: name })).items).toEqual([])
        const shared = await projects.addMember({ id, user: bob.id })
        return [(await read.projects.list({ q: name })).items, [shared]]
      },
      async 'a made user by name'(_, read) {
        const username = unique('made')
        const { id } = await root.users.create({ username, email: `${username}@example.com` })
        return [(await read.users.byUsername({ username })).id, id]
      },
      async 'a renamed user in a search'(_, read) {
        const username = unique('made')
        const { id } = await root.users.create({ username, email: `${username}@example.com` })
        const fullName = unique('Renamed')
        expect((await read.users.list({ q: fullName })).items).toEqual([])
        await root.users.update({ id, fullName })
        return [(await read.users.list({ q: fullName })).items.map((user) => user.id), [id]]
      },
    }

    test('none is read as it was before', { timeout: 300_000 }, async () => {
      const [write, read] = [ann.over('REST'), bob.over('tRPC')]
      const names = Object.keys(pairs)
      const stale: string[] = []
      let next = 0
      async function client(): Promise<void> {
        while (next < PAIRS) {
          const name = names[next++ % names.length]!
          const [seen, written] = await pairs[name]!(write, read)
          if (!equal(seen, written)) stale.push(`${name}: ${JSON.stringify([seen, written])}`)
        }
      }
      await Promise.all(Array.from({ length: CLIENTS }, client))
      expect(stale).toEqual([])
    })
  })
}

const equal = (one: unknown, other: unknown): boolean => {
  try {
    expect(one).toEqual(other)
    return true
  } catch {
    return false
  }
}

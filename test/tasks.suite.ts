import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Project } from '../services/projects/schema.ts'
import type { Task } from '../services/tasks/schema.ts'
import { type Client, faces } from './system/client.ts'
import { walkPages } from './system/pages.ts'
import { type Person, unique } from './system/people.ts'
import type { StartSystem, System } from './system.ts'

const notFound = { status: 404, code: 'task.not_found' }
const forbidden = { status: 403, code: 'access.forbidden' }

/** What people do with tasks, over both faces. */
export function tasksSuite(start: StartSystem): void {
  let system: System
  let owner: Person
  let member: Person
  let viewer: Person
  let outsider: Person
  beforeAll(async () => {
    system = await start()
    owner = await system.people.join('owner')
    member = await system.people.join('member')
    viewer = await system.people.join('viewer')
    outsider = await system.people.join('outsider')
  })
  afterAll(() => system?.stop())

  describe.each(faces)('tasks over %s', (face) => {
    let tasks: Client['tasks']
    let project: Project
    const as = (person: Person) => person.over(face).tasks
    beforeAll(async () => {
      tasks = as(owner)
      project = await newProject()
    })

    async function newProject(): Promise<Project> {
      const { projects } = owner.over(face)
      const { id } = await projects.create({ name: unique('board') })
      await projects.addMember({ id, user: member.id })
      return projects.addMember({ id, user: viewer.id, role: 'viewer' })
    }
    const titles = ({ items }: { items: Task[] }) => items.map(({ title }) => title)

    test('one is made with what is said, and sensible values for the rest', async () => {
      expect(await tasks.create({ projectId: project.id, title: ' Plain ' })).toMatchObject({
        ...{ projectId: project.id, title: 'Plain', description: '', state: 'backlog', priority: 'normal', version: 1 },
        ...{ assigneeId: null, dueDate: null, labels: [], parentId: null, createdBy: owner.id },
      })
      const words = { title: 'Ёлка', description: 'a\nb' }
      const said = { ...words, state: 'todo', priority: 'urgent', dueDate: '2030-02-28' } as const
      const labels = ['one', 'two']
      const full = await tasks.create({ projectId: project.id, ...said, labels, assignee: member.username })
      expect(full).toMatchObject({ ...said, labels, assigneeId: member.id })
      expect(await tasks.byId({ id: full.id })).toEqual(full)
    })

    test('its project goes by id, number, key or name', async () => {
      for (const projectId of [project.id, project.number, `${project.number}`, project.key, project.name]) {
        expect(await tasks.create({ projectId, title: 'x' })).toMatchObject({ projectId: project.id })
        expect((await tasks.list({ projectId, limit: 1 })).items).toMatchObject([{ projectId: project.id }])
      }
    })

    test('codes have no gaps, however many are made at once', async () => {
      const { id, key } = await newProject()
      const made = await Promise.all(
        Array.from({ length: 50 }, (_, nth) => tasks.create({ projectId: id, title: `Task ${nth}` })),
      )
      const wanted = Array.from({ length: 50 }, (_, nth) => `${key}-${nth + 1}`)
      expect(new Set(made.map(({ code }) => code))).toEqual(new Set(wanted))
      const listed = await walkPages((cursor) => tasks.list({ projectId: id, limit: 20, ...cursor }))
      expect(new Set(listed.map(({ code }) => code))).toEqual(new Set(wanted))
    })

    test('one is found by its code', async () => {
      const task = await tasks.create({ projectId: project.id, title: 'Find me' })
      for (const code of [task.code, task.code.toLowerCase()]) {
        expect(await tasks.byCode({ code })).toEqual(task)
        expect(await tasks.byId({ id: code })).toEqual(task)
      }
      for (const id of [`${project.key}-9999`, `${project.key}-0`, 'NONE-1', 'nonsense', crypto.randomUUID()]) {
        await expect(tasks.byId({ id })).rejects.toMatchObject(notFound)
      }
    })

    test('it moves through its states, and a refusal names those that it moves to', async () => {
      const { code: id } = await tasks.create({ projectId: project.id, title: 'Moves' })
      for (const state of ['todo', 'in_progress', 'in_review', 'done', 'todo', 'cancelled'] as const) {
        expect(await as(member).move({ id, state })).toMatchObject({ state })
      }
      await expect(tasks.move({ id, state: 'done' })).rejects.toMatchObject({
        status: 409,
        code: 'task.illegal_move',
        extra: { from: 'cancelled', allowed: ['todo'] },
      })
    })

    test('it is assigned to members of its project, or to nobody', async () => {
      const { id } = await tasks.create({ projectId: project.id, title: 'Assigned' })
      expect(await tasks.assign({ id, assignee: member.username })).toMatchObject({ assigneeId: member.id })
      expect(await as(member).assign({ id, assignee: 'me' })).toMatchObject({ assigneeId: member.id })
      await expect(tasks.assign({ id, assignee: outsider.id })).rejects.toMatchObject({
        status: 409,
        code: 'task.assignee_not_member',
      })
      await expect(tasks.assign({ id, assignee: unique('nobody') })).rejects.toMatchObject({
        status: 404,
        code: 'user.not_found',
      })
      expect(await tasks.assign({ id, assignee: null })).toMatchObject({ assigneeId: null })
    })

    test('mine are those assigned to oneself, in every project that one is in', async () => {
      const [here, there] = [await newProject(), await newProject()]
      const title = unique('mine')
      for (const { id } of [here, there]) {
        await tasks.create({ projectId: id, title, assignee: member.id })
        await tasks.create({ projectId: id, title: 'not mine' })
      }
      const mine = async () => (await as(member).mine({ text: title })).items.map(({ projectId }) => projectId)
      expect(await mine()).toEqual([there.id, here.id])
      expect((await as(member).mine({ text: title, state: ['todo'] })).items).toEqual([])
      await owner.over(face).projects.removeMember({ id: there.id, user: member.id })
      expect(await mine()).toEqual([here.id])
    })

    describe('a list', () => {
      let board: Project
      beforeAll(async () => {
        board = await newProject()
        const make = (title: string, more: object = {}) => tasks.create({ projectId: board.id, title, ...more })
        await make('Ёлка 100%', { priority: 'low', labels: ['xmas'], dueDate: '2030-12-24' })
        await make('under_score', { priority: 'urgent', assignee: member.id, state: 'todo', dueDate: '2030-01-01' })
        await make('dots .* and (brackets', { description: 'İstanbul', labels: ['xmas', 'city'] })
        await make('plain', { priority: 'high', assignee: viewer.id })
      })
      const all = ['plain', 'dots .* and (brackets', 'under_score', 'Ёлка 100%']

      test.each([
        ['everything, newest first', {}, all],
        ['the oldest first', { sort: 'createdAt' }, all.toReversed()],
        ['by priority', { sort: '-priority' }, ['under_score', 'plain', 'dots .* and (brackets', 'Ёлка 100%']],
        ['by due date', { sort: 'dueDate' }, ['under_score', 'Ёлка 100%', 'dots .* and (brackets', 'plain']],
        ['in a state', { state: ['todo'] }, ['under_score']],
        ['in states', { state: ['todo', 'backlog'] }, all],
        ['of priorities', { priority: ['urgent', 'low'] }, ['under_score', 'Ёлка 100%']],
        ['with a label', { label: 'xmas' }, ['dots .* and (brackets', 'Ёлка 100%']],
        ['of nobody', { unassigned: true }, ['dots .* and (brackets', 'Ёлка 100%']],
        ['of somebody', { unassigned: false }, ['plain', 'under_score']],
        ['due from', { dueFrom: '2030-01-02' }, ['Ёлка 100%']],
        ['due until', { dueTo: '2030-01-01' }, ['under_score']],
        ['with text, in any case', { text: 'ёЛКА' }, ['Ёлка 100%']],
        ['with a percent sign', { text: '0%' }, ['Ёлка 100%']],
        ['with a percent sign, which stands for itself', { text: 'l%n' }, []],
        ['with an underscore', { text: 'R_S' }, ['under_score']],
        ['with an underscore, which stands for itself', { text: 'pla_n' }, []],
        ['with dots and stars', { text: '.*' }, ['dots .* and (brackets']],
        ['with a bracket', { text: '(br' }, ['dots .* and (brackets']],
        ['with text of the description', { text: 'İSTAN' }, ['dots .* and (brackets']],
        ['of several filters', { label: 'xmas', priority: ['low'], text: 'е' }, []],
      ] as const)('%s', async (_, filters, expected) => {
        const asked = filters as Parameters<Client['tasks']['list']>[0]
        expect(titles(await as(viewer).list({ ...asked, projectId: board.id }))).toEqual(expected)
      })

      test('of an assignee', async () => {
        for (const assignee of [member.id, member.username]) {
          expect(titles(await as(viewer).list({ projectId: board.id, assignee }))).toEqual(['under_score'])
        }
        expect(titles(await as(viewer).list({ projectId: board.id, assignee: 'me' }))).toEqual(['plain'])
      })

      test.each(['-createdAt', 'priority', '-dueDate'] as const)(
        'has pages by %s that stay the same while tasks are made',
        async (sort) => {
          const { id } = await newProject()
          const make = (title: string) =>
            tasks.create({ projectId: id, title, priority: 'high', dueDate: '2030-01-01' })
          for (const nth of [0, 1, 2, 3, 4]) await make(`${nth}`)
          const late = { priority: 'low', dueDate: '2031-01-01' } as const // before the place of any of these lists
          const seen = await walkPages(
            (cursor) => tasks.list({ projectId: id, sort, limit: 2, ...cursor }),
            () => tasks.create({ projectId: id, title: 'late', ...late }),
          )
          const made = ['0', '1', '2', '3', '4']
          expect(seen.map(({ title }) => title)).toEqual(sort === 'priority' ? made : made.toReversed())
        },
      )
    })

    test('a parent is in the same project, above nothing of its own, and not too high', async () => {
      const make = (title: string, parentId?: string) =>
        tasks.create({ projectId: project.id, title, ...(parentId && { parentId }) })
      const elsewhere = await tasks.create({ projectId: (await newProject()).id, title: 'elsewhere' })
      const [one, two] = [await make('1'), await make('2')]
      const missing = { status: 404, code: 'task.parent_not_found' }
      await expect(make('x', elsewhere.id)).rejects.toMatchObject(missing)
      await expect(tasks.update({ id: one.id, parentId: crypto.randomUUID() })).rejects.toMatchObject(missing)

      expect(await tasks.update({ id: two.id, parentId: one.code })).toMatchObject({ parentId: one.id })
      const cycle = { status: 409, code: 'task.parent_cycle' }
      await expect(tasks.update({ id: one.id, parentId: two.id })).rejects.toMatchObject(cycle)
      await expect(tasks.update({ id: one.id, parentId: one.id })).rejects.toMatchObject(cycle)

      const five = await make('5', (await make('4', (await make('3', two.id)).id)).id)
      await expect(make('6', five.id)).rejects.toMatchObject({ status: 409, code: 'task.too_deep' })
      await expect(tasks.remove({ id: two.id })).rejects.toMatchObject({ status: 409, code: 'task.has_subtasks' })
      expect(await tasks.update({ id: five.id, parentId: null })).toMatchObject({ parentId: null })
      await tasks.remove({ id: five.id })
      await expect(tasks.byId({ id: five.id })).rejects.toMatchObject(notFound)
    })

    test('a member changes it, a viewer reads it, to others it is not there', async () => {
      const task = await tasks.create({ projectId: project.id, title: 'Roles' })
      const { id } = task
      expect(await as(member).update({ id, title: 'Renamed', labels: ['a', 'a'] })).toMatchObject({
        ...{ title: 'Renamed', labels: ['a'], version: 2 },
      })
      const change = (person: Person) => [
        () => as(person).update({ id, title: 'no' }),
        () => as(person).move({ id, state: 'todo' }),
        () => as(person).assign({ id, assignee: null }),
        () => as(person).remove({ id }),
      ]
      expect(await as(viewer).byId({ id })).toMatchObject({ title: 'Renamed' })
      for (const call of [...change(viewer), () => as(viewer).create({ projectId: project.id, title: 'no' })]) {
        await expect(call()).rejects.toMatchObject(forbidden)
      }
      const read = [() => as(outsider).byId({ id }), () => as(outsider).byCode({ code: task.code })]
      for (const call of [...change(outsider), ...read]) await expect(call()).rejects.toMatchObject(notFound)
      const hidden = { status: 404, code: 'project.not_found' }
      await expect(as(outsider).list({ projectId: project.key })).rejects.toMatchObject(hidden)
      await expect(as(outsider).create({ projectId: project.id, title: 'no' })).rejects.toMatchObject(hidden)
    })

    test('a change for another version than the present one is refused', async () => {
      const { id } = await tasks.create({ projectId: project.id, title: 'Versions' })
      await tasks.move({ id, state: 'todo', expectedVersion: 1 })
      const mismatch = { status: 412, code: 'version.mismatch' }
      await expect(tasks.update({ id, title: 'late', expectedVersion: 1 })).rejects.toMatchObject(mismatch)
      await expect(tasks.move({ id, state: 'backlog', expectedVersion: 1 })).rejects.toMatchObject(mismatch)
      await expect(tasks.assign({ id, assignee: null, expectedVersion: 1 })).rejects.toMatchObject(mismatch)
      await expect(tasks.remove({ id, expectedVersion: 1 })).rejects.toMatchObject(mismatch)
    })
  })
}

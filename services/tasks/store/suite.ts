import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commandOf, worldOf } from '../../../platform/commands/world.testing.ts'
import { hashedId } from '../../../platform/ids.ts'
import { fold } from '../../../platform/text.ts'
import { apollo, users } from '../../projects/apollo.testing.ts'
import { straightReads } from '../../projects/sql.testing.ts'
import { taskQueries } from '../queries.ts'
import { rules } from '../rules.ts'
import { type CreateTask, Mine, type Priority, priority, type StoredTask, state } from '../schema.ts'
import type { SortKey, TaskStore, TasksAsked } from './port.ts'

export interface TaskFixture {
  store: TaskStore
  /** As the consumer writes them. */
  save(...tasks: readonly StoredTask[]): Promise<void>
  empty(): Promise<void>
  close(): Promise<void>
}

const [luna, mars] = [hashedId('luna'), hashedId('mars')]
const [ivan, olga] = [hashedId('ivan'), hashedId('olga')]
const day = (nth: number) => new Date(Date.UTC(2026, 0, 1, 0, nth)).toISOString()

/** A task of Luna as the rules make it of what somebody says, made in the minute of its number. */
function task(number: number, said: Partial<CreateTask> = {}, more: Partial<StoredTask> = {}): StoredTask {
  const payload: CreateTask = {
    title: `Task ${number}`,
    description: '',
    state: 'todo',
    priority: 'normal',
    assigneeId: null,
    dueDate: null,
    labels: [],
    parentId: null,
    ...said,
  }
  const decision = rules.decide(
    commandOf('task.create', hashedId('task', String(number)), { ...payload, assigneeId: null }, { root: apollo.id }),
    worldOf({ entities: { user: users, project: [apollo] } }),
  )
  if ('rejection' in decision) throw new Error(decision.rejection.code)
  const made = decision.events[0]!.data as StoredTask
  const at = { createdAt: day(number), updatedAt: day(number) }
  return { ...made, projectId: luna, number, assigneeId: payload.assigneeId, ...at, ...more }
}

const everything: TasksAsked = {
  projects: [luna],
  sort: { key: 'createdAt', descending: false },
  from: undefined,
  limit: 100,
}

/** What every store of tasks promises: the same tasks in the same order. */
export function taskStoreSuite(name: string, open: () => Promise<TaskFixture>): void {
  describe(name, () => {
    let fixture: TaskFixture
    let store: TaskStore
    beforeAll(async () => {
      fixture = await open()
      store = fixture.store
    }, 60_000)
    afterAll(() => fixture?.close())
    beforeEach(() => fixture.empty())

    const numbers = async (asked: Partial<TasksAsked> = {}) =>
      (await store.list({ ...everything, ...asked })).map(({ number }) => number)

    describe('one task', () => {
      test('is found by id and by number as it was decided, and nobody else’s is', async () => {
        const ten = task(10, { title: 'Ёлка', description: 'a\nb', labels: ['x'], dueDate: '2026-02-01' })
        await fixture.save(ten, task(11), task(12, {}, { projectId: mars }))
        expect(await store.byId(ten.id)).toEqual(ten)
        expect(await store.byNumber(luna, 10)).toEqual(ten)
        expect(await store.byNumber(luna, 12)).toBeUndefined()
        expect(await store.byId(hashedId('nobody'))).toBeUndefined()
      })

      test('that was removed is found by id alone, as what it became', async () => {
        const gone = task(1, {}, { deleted: true, version: 2 })
        await fixture.save(task(1))
        await fixture.save(gone)
        expect(await store.byId(gone.id)).toEqual(gone)
        expect(await store.byNumber(luna, 1)).toBeUndefined()
        expect(await numbers()).toEqual([])
      })
    })

    describe('the text', () => {
      const finds = async (title: string, text: string, description = '') => {
        await fixture.empty()
        await fixture.save(task(1, { title, description }), task(2, { title: 'another' }))
        return (await numbers({ text })).includes(1)
      }

      test.each([
        ['100% done', '0% D'],
        ['snake_case', 'E_C'],
        ['a.*b', '.*'],
        ['back\\slash', '\\s'],
        ['back\\%slash', '\\%'],
        ['[x] (y) {z} ^$|?+-/#', '] (Y) {Z} ^$|?+-/#'],
        ['Ёлка', 'ёЛ'],
        ['İstanbul', 'i̇STAN'],
        ['İstanbul', 'İST'],
        ['STRAẞE', 'straße'],
        ['ΟΔΟΣ', 'οδος'],
        ['ΟΔΟΣ', 'οδοσ'],
        ['ΟΔΟΣ ΜΟΥ', 'οδοσ μ'],
        ['ΟΔΟΣΑ', 'ΟΔΟΣ'],
        ['ΟΔΟΣΑ', 'οδος'],
        ['ﬁne', 'FIN'],
        ['cafe\u0301', 'CAFÉ'],
        ['👍🏽 ok', '👍'],
        ['"quoted" \'text\'', '" \''],
      ])('of "%s" contains "%s"', async (title, text) => {
        expect(await finds(title, text)).toBe(true)
        expect(await finds('x', text, `before ${title} after`)).toBe(true)
      })

      test.each([
        ['100 done', '%'],
        ['snakecase', '_'],
        ['anything', '.*'],
        ['slash', '\\'],
        ['елка', 'ё'],
        ['strasse', 'ß'],
        ['abc', 'a.c'],
        ['abc', '^a'],
      ])('of "%s" does not contain "%s"', async (title, text) => {
        expect(await finds(title, text)).toBe(false)
      })

      test('does not run from the title into the description', async () => {
        expect(await finds('ab', 'b c', 'c d')).toBe(false)
        expect(await finds('ab', 'bc', 'cd')).toBe(false)
      })
    })

    test.each(['a.b', '$set', '%', '"', "it's", '{}', '\\', 'ё', '🏷', 'null', 'a,b'])(
      'the label %s is found as it is written',
      async (label) => {
        await fixture.save(task(1, { labels: ['x', label] }), task(2, { labels: ['x', `${label}.`] }), task(3))
        expect(await numbers({ label })).toEqual([1])
      },
    )

    test('days are both included; what has none is never within', async () => {
      const days = ['0001-01-01', '2026-02-01', '2026-02-02', '2026-02-03', '9999-12-31', null]
      await fixture.save(...days.map((dueDate, nth) => task(nth + 1, { dueDate })))
      expect(await numbers({ dueFrom: '2026-02-02' })).toEqual([3, 4, 5])
      expect(await numbers({ dueTo: '2026-02-02' })).toEqual([1, 2, 3])
      expect(await numbers({ dueFrom: '2026-02-02', dueTo: '2026-02-02' })).toEqual([3])
      expect(await numbers({ dueFrom: '2026-02-03', dueTo: '2026-02-02' })).toEqual([])
      expect(await numbers({ dueFrom: '0001-01-01', dueTo: '9999-12-31' })).toEqual([1, 2, 3, 4, 5])
    })

    test('somebody’s, nobody’s, and both at once', async () => {
      await fixture.save(task(1, { assigneeId: ivan }), task(2, { assigneeId: olga }), task(3))
      expect(await numbers({ assignee: ivan })).toEqual([1])
      expect(await numbers({ assigned: true })).toEqual([1, 2])
      expect(await numbers({ assigned: false })).toEqual([3])
      expect(await numbers({ assignee: ivan, assigned: true })).toEqual([1])
      expect(await numbers({ assignee: ivan, assigned: false })).toEqual([])
    })

    test.each([
      ['createdAt', [1, 2, 3, 4]],
      ['updatedAt', [4, 3, 2, 1]],
      ['priorityKey', [3, 1, 4, 2]],
      ['dueKey', [4, 2, 1, 3]],
    ] as const)('by %s they come in order, and in the opposite one', async (key, order) => {
      const said: [Priority, string | null][] = [
        ['normal', '2026-02-03'],
        ['urgent', '2026-02-02'],
        ['low', null],
        ['high', '2026-01-30'],
      ]
      const all = said.map(([level, dueDate], nth) =>
        task(nth + 1, { priority: level, dueDate }, { updatedAt: day(100 - nth) }),
      )
      await fixture.save(...all)
      expect(await numbers({ sort: { key, descending: false } })).toEqual(order)
      expect(await numbers({ sort: { key, descending: true } })).toEqual(order.toReversed())
    })

    describe('whatever the tasks and the filters', () => {
      const word = fc.constantFrom(...'aAbB éÉßẞёЁİiΣςσ%_.*\\[]()^$|?+-/"\'', '.*', '👍', 'e\u0301', 'ﬁ', 'fi')
      const text = (min: number, max: number) =>
        fc.array(word, { minLength: min, maxLength: max }).map((words) => words.join(''))
      const label = fc.constantFrom('a', 'A', '$x', 'a.b', 'ё')
      const due = fc.constantFrom('2026-01-31', '2026-02-01', '2026-02-02')
      const minute = fc.integer({ min: 0, max: 3 }).map(day) // so that there are ties
      const said = fc.record({
        title: text(1, 6),
        description: text(0, 6),
        state: fc.constantFrom(...state.options),
        priority: fc.constantFrom(...priority.options),
        assigneeId: fc.constantFrom(null, ivan, olga),
        dueDate: fc.option(due),
        labels: fc.uniqueArray(label, { maxLength: 3 }),
        parentId: fc.constant(null),
      })
      const more = fc.record({
        projectId: fc.constantFrom(luna, luna, mars),
        createdAt: minute,
        updatedAt: minute,
        deleted: fc.boolean().map((removed) => (removed ? true : undefined)),
      })
      const tasks = fc
        .array(fc.tuple(said, more), { minLength: 1, maxLength: 30 })
        .map((all) =>
          all.map(([words, { deleted, ...rest }], nth) =>
            task(nth + 1, words, { ...rest, ...(deleted && { deleted }) }),
          ),
        )
      const asked = fc.record(
        {
          projects: fc.constantFrom([luna], [mars], [luna, mars]),
          assignee: fc.constantFrom(ivan, olga),
          assigned: fc.boolean(),
          states: fc.subarray(state.options, { minLength: 1 }),
          priorities: fc.subarray(priority.options, { minLength: 1 }),
          label,
          text: text(1, 2),
          dueFrom: due,
          dueTo: due,
          sort: fc.record({
            key: fc.constantFrom<SortKey>('createdAt', 'updatedAt', 'priorityKey', 'dueKey'),
            descending: fc.boolean(),
          }),
        },
        { requiredKeys: ['projects', 'sort'] },
      )

      test('they are those that a plain filter gives, in its order, from any place on', async () => {
        await fc.assert(
          fc.asyncProperty(tasks, fc.array(asked, { minLength: 8, maxLength: 8 }), async (all, questions) => {
            await fixture.empty()
            await fixture.save(...all)
            for (const one of questions) {
              const expected = plainly(all, one)
              const question = { ...one, from: undefined, limit: 100 }
              expect(await store.list(question)).toEqual(expected)
              const last = expected[expected.length >> 1]
              if (!last) continue
              const rest = await store.list({ ...question, from: [last[one.sort.key], last.id], limit: 3 })
              expect(rest).toEqual(expected.slice((expected.length >> 1) + 1).slice(0, 3))
            }
          }),
          { numRuns: 25 },
        )
      })
    })

    test.each(Object.keys(Mine.shape.sort.unwrap().enum))(
      'by %s they are read page by page, each once, whatever comes meanwhile',
      async (sort) => {
        const queries = taskQueries(store, straightReads)
        const level = (nth: number) => priority.options[nth % 4]!
        const some = (nth: number) =>
          task(nth, { priority: level(nth), dueDate: nth % 3 ? '2026-02-01' : null }, { createdAt: day(nth >> 1) })
        const before = Array.from({ length: 11 }, (_, nth) => some(nth * 2 + 1))
        await fixture.save(...before)

        const read: string[] = []
        let cursor: string | null | undefined
        for (let nth = 0; cursor !== null && nth < 20; nth++) {
          const page = await queries.list(luna, Mine.parse({ sort, limit: 2, ...(cursor && { cursor }) }))
          read.push(...page.items.map(({ id }) => id))
          cursor = page.nextCursor
          await fixture.save(some(nth * 2 + 2))
        }
        expect(new Set(read).size).toBe(read.length)
        const ids = before.map(({ id }) => id)
        const whole = (await queries.list(luna, Mine.parse({ sort, limit: 100 }))).items.map(({ id }) => id)
        expect(read.filter((id) => ids.includes(id))).toEqual(whole.filter((id) => ids.includes(id)))
      },
    )
  })
}

/** The same by hand. */
function plainly(all: readonly StoredTask[], asked: Omit<TasksAsked, 'from' | 'limit'>): StoredTask[] {
  const { key, descending } = asked.sort
  const place = (one: StoredTask) => `${one[key]} ${one.id}`
  const fits = (one: StoredTask): boolean =>
    !one.deleted &&
    asked.projects.includes(one.projectId) &&
    (asked.assignee === undefined || one.assigneeId === asked.assignee) &&
    (asked.assigned === undefined || (one.assigneeId !== null) === asked.assigned) &&
    (asked.states?.includes(one.state) ?? true) &&
    (asked.priorities?.includes(one.priority) ?? true) &&
    (asked.label === undefined || one.labels.includes(asked.label)) &&
    (asked.text === undefined || fold(`${one.title}\n${one.description}`).includes(fold(asked.text))) &&
    (asked.dueFrom === undefined || (one.dueDate !== null && one.dueDate >= asked.dueFrom)) &&
    (asked.dueTo === undefined || (one.dueDate !== null && one.dueDate <= asked.dueTo))
  const found = all.filter(fits).sort((a, b) => (place(a) < place(b) ? -1 : 1))
  return descending ? found.reverse() : found
}

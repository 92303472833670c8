import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fold } from '../../../../platform/text.ts'
import { priority, type StoredTask, state } from '../../schema.ts'
import type { SortKey, TasksAsked } from '../port.ts'
import { type Bench, day, ivan, luna, mars, olga, task } from './tasks.ts'

export function propertySuite({ store, save, empty }: Bench): void {
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
        all.map(([words, { deleted, ...rest }], nth) => task(nth + 1, words, { ...rest, ...(deleted && { deleted }) })),
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

    test('they are those that a plain filter gives, in its order, from any place on', {
      timeout: 120_000,
    }, async () => {
      await fc.assert(
        fc.asyncProperty(tasks, fc.array(asked, { minLength: 8, maxLength: 8 }), async (all, questions) => {
          await empty()
          await save(...all)
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

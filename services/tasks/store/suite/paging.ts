import { expect, test } from 'vitest'
import { straightReads } from '../../../../platform/reads/reading.testing.ts'
import { taskQueries } from '../../queries.ts'
import { Mine, priority } from '../../schema.ts'
import { type Bench, day, luna, task } from './tasks.ts'

export function pagingSuite({ store, save }: Bench): void {
  test.each(Object.keys(Mine.shape.sort.unwrap().enum))(
    'by %s they are read page by page, each once, whatever comes meanwhile',
    { timeout: 120_000 },
    async (sort) => {
      const queries = taskQueries(store, straightReads)
      const level = (nth: number) => priority.options[nth % 4]!
      const some = (nth: number) =>
        task(nth, { priority: level(nth), dueDate: nth % 3 ? '2026-02-01' : null }, { createdAt: day(nth >> 1) })
      const before = Array.from({ length: 11 }, (_, nth) => some(nth * 2 + 1))
      await save(...before)

      const read: string[] = []
      let cursor: string | null | undefined
      for (let nth = 0; cursor !== null && nth < 20; nth++) {
        const page = await queries.list(luna, Mine.parse({ sort, limit: 2, ...(cursor && { cursor }) }))
        read.push(...page.items.map(({ id }) => id))
        cursor = page.nextCursor
        await save(some(nth * 2 + 2))
      }
      expect(new Set(read).size).toBe(read.length)
      const ids = before.map(({ id }) => id)
      const whole = (await queries.list(luna, Mine.parse({ sort, limit: 100 }))).items.map(({ id }) => id)
      expect(read.filter((id) => ids.includes(id))).toEqual(whole.filter((id) => ids.includes(id)))
    },
  )
}

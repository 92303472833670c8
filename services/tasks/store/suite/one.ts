import { describe, expect, test } from 'vitest'
import { hashedId } from '../../../../platform/ids.ts'
import { type Bench, luna, mars, task } from './tasks.ts'

export function oneSuite({ store, save, numbers }: Bench): void {
  describe('one task', () => {
    test('is found by id and by number as it was decided, and nobody else’s is', async () => {
      const ten = task(10, { title: 'Ёлка', description: 'a\nb', labels: ['x'], dueDate: '2026-02-01' })
      await save(ten, task(11), task(12, {}, { projectId: mars }))
      expect(await store.byId(ten.id)).toEqual(ten)
      expect(await store.byNumber(luna, 10)).toEqual(ten)
      expect(await store.byNumber(luna, 12)).toBeUndefined()
      expect(await store.byId(hashedId('nobody'))).toBeUndefined()
    })

    test('that was removed is found by id alone, as what it became', async () => {
      const gone = task(1, {}, { deleted: true, version: 2 })
      await save(task(1))
      await save(gone)
      expect(await store.byId(gone.id)).toEqual(gone)
      expect(await store.byNumber(luna, 1)).toBeUndefined()
      expect(await numbers()).toEqual([])
    })
  })
}

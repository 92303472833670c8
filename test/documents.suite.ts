import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, faces } from './system/client.ts'
import { walkPages } from './system/pages.ts'
import type { Person } from './system/people.ts'
import type { StartSystem, System } from './system.ts'

const notFound = { status: 404, code: 'document.not_found' }

/** What people do with free JSON, over both faces. */
export function documentsSuite(start: StartSystem): void {
  let system: System
  beforeAll(async () => {
    system = await start()
  })
  afterAll(() => system?.stop())

  describe.each(faces)('documents over %s', (face) => {
    let owner: Person
    let other: Person
    let documents: Client['documents']
    beforeAll(async () => {
      owner = await system.people.join('owner')
      other = await system.people.join('other')
      documents = owner.over(face).documents
    })

    test.each([
      ['nothing', {}],
      [
        'all that JSON has',
        { text: 'ё', number: -1.5e10, yes: true, none: null, list: [1, [2, { deep: [] }]], '': '' },
      ],
      ['keys that mean something to a store', { $set: { a: 1 }, 'a.b': 2, _id: 3, id: 4, version: 5, ownerId: 6 }],
      ['keys that mean something to JavaScript', { constructor: 1, toString: { prototype: null }, length: 3 }],
      [
        'what looks like other types',
        { date: '2026-01-01T09:00:00.000Z', $oid: 'x', $numberLong: '1', big: 2 ** 53 - 1 },
      ],
    ])('one holds %s, and is read as it was written', async (_, data) => {
      const made = await documents.create({ data })
      expect(made).toMatchObject({ version: 1, ownerId: owner.id })
      expect(made.data).toEqual(data)
      const read = await documents.byId({ id: made.id })
      expect(read.data).toEqual(data)
      expect(read).toMatchObject({ id: made.id, version: 1, ownerId: owner.id })
      const { items } = await documents.list({ limit: 1 })
      expect(items).toEqual([read])
    })

    test('it is nested twenty levels deep, and no deeper', async () => {
      const tower = (levels: number): Record<string, unknown> => (levels === 1 ? {} : { deeper: tower(levels - 1) })
      const { id, data } = await documents.create({ data: tower(20) })
      expect(data).toEqual(tower(20))
      const tooDeep = { status: 400, code: 'input.malformed' }
      await expect(documents.create({ data: tower(21) })).rejects.toMatchObject(tooDeep)
      await expect(documents.update({ id, data: tower(21) })).rejects.toMatchObject(tooDeep)
    })

    test('it is replaced as a whole', async () => {
      const { id } = await documents.create({ data: { a: 1, b: { c: 2 } } })
      expect(await documents.update({ id, data: { b: {} } })).toMatchObject({ version: 2, data: { b: {} } })
      const read = await documents.byId({ id })
      expect(read.data).toEqual({ b: {} })
      await expect(documents.update({ id, data: {}, expectedVersion: 1 }, {})).rejects.toMatchObject({
        status: 412,
        code: 'version.mismatch',
      })
    })

    test('it is removed', async () => {
      const { id } = await documents.create({ data: { a: 1 } })
      await documents.remove({ id, expectedVersion: 1 })
      await expect(documents.byId({ id })).rejects.toMatchObject(notFound)
      await expect(documents.remove({ id })).rejects.toMatchObject(notFound)
      expect((await documents.list({})).items.map((one) => one.id)).not.toContain(id)
    })

    test("it is its owner's alone, whatever others are", async () => {
      const { id } = await documents.create({ data: { secret: 1 } })
      for (const somebody of [other, await system.people.admin()]) {
        const theirs = somebody.over(face).documents
        await expect(theirs.byId({ id })).rejects.toMatchObject(notFound)
        await expect(theirs.update({ id, data: {} })).rejects.toMatchObject(notFound)
        await expect(theirs.remove({ id })).rejects.toMatchObject(notFound)
        expect((await theirs.list({})).items).toEqual([])
      }
    })

    test('pages stay the same while documents are made', async () => {
      const { documents: theirs } = (await system.people.join('lister')).over(face)
      for (const nth of [0, 1, 2, 3, 4]) await theirs.create({ data: { nth } })
      const seen = await walkPages(
        (cursor) => theirs.list({ limit: 2, ...cursor }),
        () => theirs.create({ data: { late: true } }),
      )
      expect(seen.map(({ data }) => data)).toEqual([4, 3, 2, 1, 0].map((nth) => ({ nth })))
    })

    test('it is an object of at most 256 KiB', async () => {
      const large = { text: 'x'.repeat(200 * 1024) }
      const { id } = await documents.create({ data: large })
      const read = await documents.byId({ id })
      expect(read.data).toEqual(large)
      await expect(documents.create({ data: { text: 'x'.repeat(256 * 1024) } })).rejects.toMatchObject({
        status: 413,
        code: 'input.too_large',
      })
      for (const data of [[1], 'text', 1, null]) {
        await expect(documents.create({ data: data as never })).rejects.toMatchObject({
          status: 400,
          code: 'input.invalid',
        })
      }
    })
  })
}

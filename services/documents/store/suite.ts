import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../platform/commands/canonical.ts'
import { hashedId } from '../../../platform/ids.ts'
import { straightReads } from '../../../platform/reads/reading.testing.ts'
import { documentQueries } from '../queries.ts'
import { List, type StoredDocument } from '../schema.ts'
import type { DocumentStore } from './port.ts'

export interface DocumentFixture {
  store: DocumentStore
  /** As the consumer writes them. */
  save(...documents: readonly StoredDocument[]): Promise<void>
  empty(): Promise<void>
  close(): Promise<void>
}

const [ivan, olga] = [hashedId('ivan'), hashedId('olga')]

/** Ivan's nth, made in the nth minute. */
function document(nth: number, data: StoredDocument['data'] = { nth }, more: Partial<StoredDocument> = {}) {
  const at = new Date(Date.UTC(2026, 0, 1, 0, nth)).toISOString()
  const id = hashedId('document', String(nth))
  return { id, version: 1, ownerId: ivan, data, createdAt: at, updatedAt: at, ...more } satisfies StoredDocument
}

/** What every store of documents promises: the same documents in the same order, and each as it was given. */
export function documentStoreSuite(name: string, open: () => Promise<DocumentFixture>): void {
  describe(name, () => {
    let fixture: DocumentFixture
    let store: DocumentStore
    beforeAll(async () => {
      fixture = await open()
      store = fixture.store
    }, 60_000)
    afterAll(() => fixture?.close())
    beforeEach(() => fixture.empty())

    /** The data as it comes back, as text: what has strange names compares badly as an object. */
    async function kept(data: unknown): Promise<string> {
      const one = document(1, data as StoredDocument['data'])
      await fixture.empty()
      await fixture.save(one)
      const [listed] = await store.list({ owner: ivan, descending: true, from: undefined, limit: 1 })
      const found = await store.byId(one.id)
      expect(canonicalJson(found)).toBe(canonicalJson(listed))
      expect({ ...found, data: 0 }).toEqual({ ...one, data: 0 })
      return canonicalJson(found?.data)
    }

    describe('the JSON comes back as it was given', () => {
      test.each([
        '{}',
        '{"key":"value"}',
        '{"a":null,"b":true,"c":[],"d":{},"e":[null,{"f":[]}]}',
        '{"":1,".":2,"$":3,"a.b":4,"$set":{"$gt":5},"..":{"":{"":6}}}',
        '{"%":1,"%%":2,"%24":3,"%2":4,"%2E":5,"%5Fbsontype":6,"%25":7}',
        '{"a":[[],[[1]],[{"b":[["c"]]}],"d"],"%[]":[[2]]}',
        '{"__proto__":{"a":1},"constructor":{"prototype":2},"toString":3,"hasOwnProperty":4,"length":5}',
        '{"constructor":[{}],"toString":[[{"valueOf":[{"a":1}]}]],"a":{"hasOwnProperty":[{"b":[]}]},"__proto__":[{}]}',
        '{"_bsontype":"ObjectId","id":"x","a":{"_bsontype":"Nonsense"},"_bsontypes":{"toBSON":1}}',
        '{"id":1,"_id":2,"version":-1,"deleted":true,"ownerId":3,"data":{"data":4}}',
        '{"10":1,"2":2,"a":3,"b":[{"c":4,"a":5}]}',
        '{"ёлка":"Ёлка","👍🏽":"👍","e\u0301":"é","line\\nbreak":"tab\\t\\"quoted\\" \\\\"}',
        '{"n":[0,-1,1.5,0.1,2147483647,2147483648,-2147483649,9007199254740991,-9007199254740991,1e21,1e300,5e-324]}',
        '{"$oid":"507f1f77bcf86cd799439011","d":{"$date":"2026-01-01"},"n":{"$numberLong":"1"},"r":{"$ref":"a","$id":"b"}}',
      ])('%s', async (text) => {
        const data: unknown = JSON.parse(text)
        expect(await kept(data)).toBe(canonicalJson(data))
      })

      test('nested as deep as the edge lets it', async () => {
        let data: Record<string, unknown> = { leaf: true }
        for (let level = 1; level < 20; level++) data = { 'a.b': data }
        expect(await kept(data)).toBe(canonicalJson(data))
      })

      test('as large as the edge lets it', async () => {
        const data = { '.': '.'.repeat(100_000), numbers: Array.from({ length: 20_000 }, (_, nth) => nth) }
        expect(await kept(data)).toBe(canonicalJson(data))
      })

      test('whatever it is', { timeout: 120_000 }, async () => {
        const names = fc.oneof(
          fc.constantFrom('', '.', '$', '%', '%2', '%24', '_bsontype', '_id', 'a.b', '$a', 'constructor', '0'),
          fc.string({ unit: 'grapheme', maxLength: 5 }),
        )
        const value = fc.letrec((tie) => ({
          any: fc.oneof(
            { depthSize: 'small' },
            fc.oneof(
              fc.constant(null),
              fc.boolean(),
              fc.integer(),
              fc.double({ noNaN: true, noDefaultInfinity: true }),
              fc.string({ unit: 'grapheme' }),
            ),
            fc.array(tie('any'), { maxLength: 4 }),
            tie('object'),
          ),
          object: fc.dictionary(names, tie('any'), { maxKeys: 5 }),
        })).object
        const storable = (text: string) => !/\\u0000/.test(text)
        await fc.assert(
          fc.asyncProperty(value, async (given) => {
            const text = JSON.stringify(given)
            fc.pre(storable(text))
            const data: unknown = JSON.parse(text)
            expect(await kept(data)).toBe(canonicalJson(data))
          }),
          { numRuns: 120 },
        )
      })
    })

    test('each is its owner’s, in the order in which they were made, or the opposite one', async () => {
      await fixture.save(document(1), document(2), document(3, {}, { ownerId: olga }), document(4))
      const listed = async (owner: string, descending: boolean) =>
        store.list({ owner, descending, from: undefined, limit: 10 })
      expect(await listed(ivan, true)).toEqual([document(4), document(2), document(1)])
      expect(await listed(ivan, false)).toEqual([document(1), document(2), document(4)])
      expect(await listed(olga, true)).toEqual([document(3, {}, { ownerId: olga })])
      expect(await listed(hashedId('nobody'), true)).toEqual([])
    })

    test('one that was removed is found by its id alone, as what it became', async () => {
      const gone = document(1, {}, { deleted: true, version: 2 })
      await fixture.save(document(1))
      await fixture.save(gone)
      expect(await store.byId(gone.id)).toEqual(gone)
      expect(await store.list({ owner: ivan, descending: true, from: undefined, limit: 10 })).toEqual([])
      expect(await store.byId(hashedId('nobody'))).toBeUndefined()
    })

    test.each(['-createdAt', 'createdAt'] as const)(
      'by %s they are read page by page, each once, whatever comes meanwhile',
      async (sort) => {
        const queries = documentQueries(store, straightReads)
        const some = (nth: number) => document(nth, { nth }, { createdAt: document(nth >> 1).createdAt })
        const before = Array.from({ length: 11 }, (_, nth) => some(nth * 2 + 1))
        await fixture.save(...before)

        const read: StoredDocument[] = []
        let cursor: string | null | undefined
        for (let nth = 0; cursor !== null && nth < 20; nth++) {
          const page = await queries.list(ivan, List.parse({ sort, limit: 2, ...(cursor && { cursor }) }))
          read.push(...page.items)
          cursor = page.nextCursor
          await fixture.save(some(nth * 2 + 2))
        }
        const ids = before.map(({ id }) => id)
        const place = (one: StoredDocument) => `${one.createdAt} ${one.id}`
        const ascending = before.toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
        expect(read.filter(({ id }) => ids.includes(id))).toEqual(
          sort === 'createdAt' ? ascending : ascending.toReversed(),
        )
      },
    )
  })
}

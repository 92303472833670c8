import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openCache } from '../../platform/cache/mod.ts'
import { createReads } from '../../platform/reads/mod.ts'
import { createLogger } from '../../platform/telemetry/log.ts'
import { fold } from '../../platform/text.ts'
import { type Fixture, openFixture, person } from './fixture.testing.ts'
import { type UserQueries, userQueries } from './queries.ts'
import { List, type StoredUser } from './schema.ts'

/** Reads, over any Postgres. */
export function queriesSuite(name: string, url?: string): void {
  describe(name, () => {
    let fixture: Fixture
    let queries: UserQueries
    beforeAll(async () => {
      fixture = await openFixture(url)
      const logger = createLogger({ level: 'silent' })
      // No watermark is known, so every read goes to the store.
      const reads = createReads({ cache: await openCache(), watermarks: { epochs: () => null }, logger })
      queries = userQueries(fixture.sql, reads)
    })
    afterAll(() => fixture.close())
    afterEach(() => fixture.empty())

    /** Saved one a minute, in the order given. */
    async function saved(...names: readonly [username: string, fullName?: string, more?: Partial<StoredUser>][]) {
      for (const [n, [username, fullName = '', more]] of names.entries()) {
        const createdAt = new Date(Date.UTC(2026, 0, 1, 9, n)).toISOString()
        const keys = { usernameKey: fold(username), fullNameKey: fold(fullName) }
        await fixture.save(person(username, { fullName, createdAt, ...keys, ...more }))
      }
    }

    const ask = (asked: object = {}) => queries.list(List.parse(asked))
    const found = async (asked: object = {}) => (await ask(asked)).items.map(({ username }) => username)

    describe('find', () => {
      test('takes an id and a username, however it is written', async () => {
        const user = person('Ёлка', { usernameKey: fold('Ёлка') })
        await fixture.save(user)
        for (const reference of [user.id, user.id.toUpperCase(), 'Ёлка', 'ёлка', 'ЁЛКА']) {
          expect(await queries.find(reference)).toEqual(user)
        }
        expect(await queries.byUsername('ёлка')).toEqual(user)
      })

      test('finds nobody else, and no removed user', async () => {
        const gone = person('gone', { deleted: true })
        await fixture.save(gone)
        for (const reference of ['nobody', '%', 'gone', gone.id, person('x').id]) {
          expect(await queries.find(reference)).toBeUndefined()
        }
      })
    })

    describe('list', () => {
      test('is of the living, newest first, or as it was asked for', async () => {
        await saved(['ben'], ['Ada'], ['gone', '', { deleted: true }], ['cem'])
        expect(await found()).toEqual(['cem', 'Ada', 'ben'])
        expect(await found({ sort: 'createdAt' })).toEqual(['ben', 'Ada', 'cem'])
        expect(await found({ sort: 'username' })).toEqual(['Ada', 'ben', 'cem'])
        expect(await found({ sort: '-username' })).toEqual(['cem', 'ben', 'Ada'])
      })

      test('is of those asked for by id, removed ones too, in any order and page by page', async () => {
        const [ada, ben, gone] = [person('ada'), person('ben'), person('', { deleted: true, usernameKey: '' })]
        for (const user of [ada, ben, gone, person('cem')]) await fixture.save(user)
        const id = [ben.id, gone.id, ada.id.toUpperCase(), person('nobody').id]
        expect(await found({ id, sort: 'username' })).toEqual(['', 'ada', 'ben'])
        expect(await found({ id, sort: '-username' })).toEqual(['ben', 'ada', ''])
        expect((await found({ id })).sort()).toEqual(['', 'ada', 'ben'])
        expect(await found({ id, q: 'a*' })).toEqual(['ada'])
        for (const sort of ['username', '-username']) {
          const one = await ask({ id, sort, limit: 2 })
          const two = await ask({ id, sort, limit: 2, cursor: one.nextCursor })
          const names = [...one.items, ...two.items].map(({ username }) => username)
          expect([names.sort(), two.nextCursor]).toEqual([['', 'ada', 'ben'], null])
        }
      })

      test('is of a role', async () => {
        await saved(['ada', '', { role: 'admin' }], ['ben'])
        expect(await found({ role: 'admin' })).toEqual(['ada'])
      })

      test.each([
        ['iv*', ['ivanka', 'ivan', 'petrova']],
        ['IV*', ['ivanka', 'ivan', 'petrova']],
        ['*ov', ['divan']],
        ['*van*', ['ivanka', 'divan', 'ivan', 'petrova']],
        ['van', ['ivanka', 'divan', 'ivan', 'petrova']],
        ['i*n', ['ivan']],
        ['ИВАН', ['olga']],
        ['ван Пет', ['olga']],
        ['%', ['percent']],
        ['a_', ['percent']],
        ['*', ['percent', 'olga', 'ivanka', 'divan', 'ivan', 'petrova']],
        ['nobody', []],
      ])('is of those whose username or full name fits %s', async (q, usernames) => {
        await saved(
          ['petrova', 'Ivanna Petrova'],
          ['ivan'],
          ['divan', 'Boris Sidorov'],
          ['ivanka'],
          ['olga', 'Иван Петров'],
          ['percent', '100% a_b'],
        )
        expect(await found({ q })).toEqual(usernames)
      })

      test('comes in pages that make up the whole, in any order and filter', async () => {
        const names = Array.from({ length: 23 }, (_, n) => `user${(n * 7) % 23}`)
        // Some of the same minute: the id decides.
        const at = (n: number) => ({ createdAt: new Date(Date.UTC(2026, 0, 1, 9, n >> 2)).toISOString() })
        await saved(...names.map((name, n) => [name, n % 2 ? 'Odd' : 'Even', at(n)] as [string, string, object]))
        const sort = fc.constantFrom('-createdAt', 'createdAt', 'username', '-username')
        const asked = fc.record({ sort, q: fc.constantFrom('odd', 'user1*') }, { requiredKeys: ['sort'] })
        await fc.assert(
          fc.asyncProperty(asked, fc.integer({ min: 1, max: 9 }), async (filter, limit) => {
            const pages: string[] = []
            let cursor: string | null | undefined
            do {
              const page = await ask({ ...filter, limit, ...(cursor && { cursor }) })
              pages.push(...page.items.map(({ username }) => username))
              cursor = page.nextCursor
            } while (cursor)
            expect(pages).toEqual(await found({ ...filter, limit: 100 }))
          }),
          { numRuns: 20 },
        )
      })

      test('goes on after its cursor whatever came and went since', async () => {
        await saved(['a1'], ['a2'], ['a3'], ['a4'])
        const { items, nextCursor } = await ask({ limit: 2 })
        await fixture.save({ ...items[1]!, version: 2, deleted: true })
        await fixture.save(person('new', { createdAt: '2027-01-01T00:00:00.000Z' }))
        expect(await found({ limit: 2, cursor: nextCursor })).toEqual(['a2', 'a1'])
      })

      test('refuses the cursor of another list', async () => {
        await saved(['a1'], ['a2'])
        const { nextCursor } = await ask({ limit: 1 })
        for (const asked of [{ q: 'a' }, { sort: 'username' }, { role: 'member' }]) {
          await expect(ask({ ...asked, cursor: nextCursor })).rejects.toMatchObject({ code: 'input.cursor' })
        }
      })
    })

    test('each search has an index', async () => {
      await fixture.sql.query(
        `INSERT INTO users (id, version, data)
         SELECT md5(n::text)::uuid, 1, jsonb_build_object('usernameKey', md5(n::text), 'emailKey', n::text || '@example.com',
                  'fullNameKey', md5('-' || n::text), 'role', 'member', 'createdAt', n::text)
           FROM generate_series(1, 1500) AS n`,
      )
      await fixture.sql.query('VACUUM ANALYZE users')
      const searches = {
        users_by_mask: `(username_key LIKE '%cafe%' OR full_name_key LIKE '%cafe%') AND NOT deleted`,
        users_by_role: `NOT deleted AND role = 'admin' ORDER BY created_at DESC, id DESC LIMIT 50`,
        users_by_age: 'NOT deleted ORDER BY created_at DESC, id DESC LIMIT 50',
        users_by_name: 'NOT deleted ORDER BY username_key, id LIMIT 50',
        users_username_key: `(username_key = 'x' OR email_key = 'x')`,
        users_email_key: `(username_key = 'x' OR email_key = 'x')`,
      }
      const plans = await fixture.sql.transaction(async (tx) => {
        await tx.query('SET LOCAL enable_seqscan = off') // which is faster while the table is small
        return Promise.all(
          Object.values(searches).map((where) => tx.query(`EXPLAIN SELECT data FROM users WHERE ${where}`)),
        )
      })
      for (const [nth, index] of Object.keys(searches).entries()) {
        expect(JSON.stringify(plans[nth])).toContain(`${index} `)
      }
    })

    test('taken says which name somebody else holds', async () => {
      const ivan = person('ivan')
      await fixture.save(ivan)
      await fixture.save(person('gone', { deleted: true }))
      const other = person('olga').id
      expect(await queries.taken({ usernameKey: 'ivan', emailKey: 'x@example.com' }, other)).toBe('user.username_taken')
      expect(await queries.taken({ emailKey: 'ivan@example.com' }, other)).toBe('user.email_taken')
      expect(await queries.taken({ usernameKey: 'ivan', emailKey: 'ivan@example.com' }, other)).toBe(
        'user.username_taken',
      )
      expect(await queries.taken({ usernameKey: 'ivan', emailKey: 'ivan@example.com' }, ivan.id)).toBeUndefined()
      expect(await queries.taken({ usernameKey: 'gone' }, other)).toBeUndefined()
      expect(await queries.taken({}, other)).toBeUndefined()
    })

    test('two users swap their names in one statement', async () => {
      const [a, b] = [person('ada'), person('ben')]
      await fixture.save(a)
      await fixture.save(b)
      const swapped = [
        { ...a, version: 2, usernameKey: 'ben' },
        { ...b, version: 2, usernameKey: 'ada' },
      ]
      await fixture.sql.query(
        `UPDATE users SET data = new.data FROM unnest($1::uuid[], $2::jsonb[]) AS new(id, data) WHERE users.id = new.id`,
        [[a.id, b.id], swapped],
      )
      expect(await queries.find('ada')).toMatchObject({ id: b.id })
    })
  })
}

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { contextOf } from '../../platform/http/testing/context.testing.ts'
import { hashedId } from '../../platform/ids.ts'
import { straightReads } from '../../platform/reads/reading.testing.ts'
import type { Sql } from '../../platform/sql/port.ts'
import { fold } from '../../platform/text.ts'
import { testDatabase } from '../consumer/fixture.testing.ts'
import { localProjects } from './directory.ts'
import { type ProjectQueries, projectQueries } from './queries.ts'
import { List, type Member, type Role, type StoredProject } from './schema.ts'
import { saveProjects } from './sql.testing.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let sql: Sql
let queries: ProjectQueries
beforeAll(async () => {
  database = await testDatabase()
  sql = database.sql
  queries = projectQueries(sql, straightReads)
})
afterAll(() => database?.drop())
beforeEach(() => sql.query('TRUNCATE projects'))

const [ivan, olga] = [hashedId('ivan'), hashedId('olga')]
const member = (userId: string, role: Role): Member => ({ userId, role })

/** The nth project: made in the nth minute. */
function project(number: number, name: string, more: Partial<StoredProject> = {}): StoredProject {
  const at = new Date(Date.UTC(2026, 0, 1, 0, number)).toISOString()
  const key = more.key ?? `K${number}`
  return {
    id: hashedId('project', String(number)),
    version: 1,
    number,
    key,
    name,
    description: '',
    archived: false,
    members: [member(ivan, 'owner')],
    nameKey: fold(name),
    keyKey: fold(key),
    createdAt: at,
    updatedAt: at,
    ...more,
  }
}

const apollo = project(1, 'Apollo 11', { key: 'APOLLO' })

describe('find', () => {
  test('takes an id, a number, a key and a name, whatever their case', async () => {
    await saveProjects(sql, apollo, project(2, 'Луна'))
    const references = [apollo.id, apollo.id.toUpperCase(), '1', '01', 'APOLLO', 'apollo', 'Apollo 11', 'APOLLO 11']
    for (const reference of references) expect(await queries.find(reference)).toEqual(apollo)
    expect(await queries.find('ЛУНА')).toMatchObject({ number: 2 })
  })

  test('finds nothing else', async () => {
    await saveProjects(sql, apollo)
    const references = [hashedId('another'), '2', '99999999999999999999', 'APOLL', 'Apollo', '%', 'APOLLO-1']
    for (const reference of references.filter((one) => fold(one) !== 'apollo')) {
      expect(await queries.find(reference)).toBeUndefined()
    }
  })

  test('finds no removed project', async () => {
    await saveProjects(sql, { ...apollo, deleted: true })
    for (const reference of [apollo.id, '1', 'APOLLO', 'Apollo 11']) {
      expect(await queries.find(reference)).toBeUndefined()
    }
  })
})

test('byName and byKey find by nothing else', async () => {
  await saveProjects(sql, apollo)
  expect(await queries.byName('apollo 11')).toEqual(apollo)
  expect(await queries.byName('APOLLO')).toBeUndefined()
  expect(await queries.byKey('apollo')).toEqual(apollo)
  expect(await queries.byKey('Apollo 11')).toBeUndefined()
})

test('taken tells which handles are a name or a key of another project that is there', async () => {
  await saveProjects(sql, apollo, project(2, 'Gone', { deleted: true }))
  const handles = ['apollo', 'apollo 11', 'gone', 'k2', 'luna']
  expect([...(await queries.taken(handles, hashedId('another')))].sort()).toEqual(['apollo', 'apollo 11'])
  expect([...(await queries.taken(handles, apollo.id))]).toEqual([])
})

describe('list', () => {
  const names = async (asked: object = {}, who: string | null = ivan) =>
    (await queries.list(List.parse(asked), who)).items.map(({ name }) => name)

  test('is of those that one is a member of, newest first; of all without a member', async () => {
    await saveProjects(
      sql,
      project(1, 'First'),
      project(2, 'Second', { members: [member(olga, 'owner'), member(ivan, 'viewer')] }),
      project(3, 'Third', { members: [member(olga, 'owner')] }),
      project(4, 'Gone', { deleted: true }),
    )
    expect(await names()).toEqual(['Second', 'First'])
    expect(await names({}, olga)).toEqual(['Third', 'Second'])
    expect(await names({}, null)).toEqual(['Third', 'Second', 'First'])
    expect(await names({}, hashedId('nobody'))).toEqual([])
  })

  test('fits a mask over names and keys', async () => {
    await saveProjects(
      sql,
      project(1, 'Website', { key: 'WEB' }),
      project(2, 'Проект Ёлка'),
      project(3, '100% _done_'),
      project(4, 'New website'),
    )
    expect(await names({ q: 'WEBSITE' })).toEqual(['New website', 'Website'])
    expect(await names({ q: 'web*' })).toEqual(['Website'])
    expect(await names({ q: '*site' })).toEqual(['New website', 'Website'])
    expect(await names({ q: 'new*e' })).toEqual(['New website'])
    expect(await names({ q: 'ёЛК' })).toEqual(['Проект Ёлка'])
    expect(await names({ q: 'k3' })).toEqual(['100% _done_'])
    expect(await names({ q: '0%' })).toEqual(['100% _done_'])
    expect(await names({ q: '_done' })).toEqual(['100% _done_'])
    expect(await names({ q: 'w_b' })).toEqual([])
  })

  test('keeps to archived ones, or to others, where asked', async () => {
    await saveProjects(sql, project(1, 'Open'), project(2, 'Shut', { archived: true }))
    expect(await names()).toEqual(['Shut', 'Open'])
    expect(await names({ archived: true })).toEqual(['Shut'])
    expect(await names({ archived: false })).toEqual(['Open'])
  })

  test.each([
    ['-createdAt', 'createdAt', -1],
    ['createdAt', 'createdAt', 1],
    ['name', 'nameKey', 1],
    ['-name', 'nameKey', -1],
  ] as const)('is read page by page by %s, each once, also those of one moment', async (sort, key, direction) => {
    const names = ['d', 'a', 'ё', 'Z', 'c', 'b1', 'b']
    const saved = names.map((name, index) =>
      project(index + 1, name, { createdAt: project(index >> 1, name).createdAt }),
    )
    await saveProjects(sql, ...saved)

    const place = (one: StoredProject) => [one[key], one.id].join()
    const expected = saved.toSorted((one, other) => (place(one) < place(other) ? -direction : direction))
    const read: StoredProject[] = []
    let cursor: string | null | undefined
    while (cursor !== null && read.length <= saved.length) {
      const page = await queries.list(List.parse({ sort, limit: 2, cursor }), ivan)
      read.push(...page.items)
      cursor = page.nextCursor
    }
    expect(read).toEqual(expected)
  })

  test('goes on after the place it came to, whatever came and went', async () => {
    await saveProjects(sql, project(1, 'a'), project(2, 'b'), project(3, 'c'), project(4, 'd'))
    const first = await queries.list(List.parse({ limit: 2 }), ivan)
    expect(first.items.map(({ name }) => name)).toEqual(['d', 'c'])
    await saveProjects(sql, project(5, 'e'), { ...project(3, 'c'), version: 2, deleted: true })
    expect(await names({ limit: 2, cursor: first.nextCursor })).toEqual(['b', 'a'])
  })

  test('takes no cursor of another list', async () => {
    await saveProjects(sql, project(1, 'a'), project(2, 'b'))
    const { nextCursor: cursor } = await queries.list(List.parse({ limit: 1 }), ivan)
    const refused = expect.objectContaining({ code: 'input.cursor' })
    await expect(names({ cursor, sort: 'name' })).rejects.toEqual(refused)
    await expect(names({ cursor, archived: false })).rejects.toEqual(refused)
    await expect(names({ cursor }, olga)).rejects.toEqual(refused)
    await expect(names({ cursor, limit: 1 })).resolves.toEqual(['a'])
  })
})

describe('the table', () => {
  test('lets two projects swap their names in one statement, and none have the name of another', async () => {
    await saveProjects(sql, project(1, 'a'), project(2, 'b'))
    await saveProjects(sql, project(1, 'b', { version: 2 }), project(2, 'a', { version: 2 }))
    expect(await queries.byName('b')).toMatchObject({ number: 1 })
    await expect(saveProjects(sql, project(3, 'a'))).rejects.toMatchObject({ constraint: 'projects_name_key' })
    await expect(saveProjects(sql, project(3, 'c', { key: 'K1' }))).rejects.toMatchObject({
      constraint: 'projects_key_key',
    })
  })

  test('gives the name and the key of a removed project away', async () => {
    await saveProjects(sql, { ...apollo, deleted: true })
    await saveProjects(sql, { ...apollo, id: hashedId('another'), number: 2 })
    expect(await queries.find('APOLLO')).toMatchObject({ number: 2 })
  })

  test('knows the owners of projects that are there', async () => {
    const two = [member(ivan, 'owner'), member(olga, 'owner')]
    await saveProjects(
      sql,
      project(1, 'a', { members: two }),
      project(2, 'b', { members: [member(ivan, 'owner'), member(olga, 'maintainer')] }),
      project(3, 'c', { members: two, deleted: true }),
    )
    const owned = 'SELECT number FROM projects WHERE owner_ids ?| $1::text[] ORDER BY number'
    expect(await sql.query(owned, [[olga]])).toEqual([{ number: 1 }])
    expect(await sql.query(owned, [[olga, ivan]])).toEqual([{ number: 1 }, { number: 2 }])
  })

  test('counts tasks beside the entity', async () => {
    await saveProjects(sql, apollo)
    expect(await sql.query('SELECT task_counter FROM projects')).toEqual([{ task_counter: 0 }])
  })
})

test('the directory has all of one’s own, however many pages they are', async () => {
  const own = Array.from({ length: 101 }, (_, n) => project(n + 1, `Project ${n}`))
  await saveProjects(sql, ...own, project(102, 'Another', { members: [member(olga, 'owner')] }))
  const ctx = contextOf({ actor: { id: ivan, role: 'member', session: 's' } })
  expect(await localProjects(sql, straightReads).mine(ctx)).toEqual(own.toReversed())
})

describe('the indexes', () => {
  beforeEach(async () => {
    await saveProjects(sql, ...Array.from({ length: 1500 }, (_, n) => project(n + 1, `Project ${hashedId(String(n))}`)))
    await sql.query('VACUUM ANALYZE projects')
  })

  test('are used by each search', async () => {
    const searches = {
      projects_by_mask: `(name_key LIKE '%cafe%' OR key_key LIKE '%cafe%') AND NOT deleted`,
      projects_by_member: `member_ids ? 'x'`,
      projects_by_owner: `owner_ids ?| ARRAY['x']`,
      projects_number: 'number = 7',
      projects_name_key: `(name_key = 'x' OR key_key = 'x')`,
      projects_key_key: `(name_key = 'x' OR key_key = 'x')`,
      projects_by_age: 'NOT deleted ORDER BY created_at DESC, id DESC LIMIT 50',
      projects_by_name: 'NOT deleted ORDER BY name_key, id LIMIT 50',
    }
    const plans = await sql.transaction(async (tx) => {
      await tx.query('SET LOCAL enable_seqscan = off') // which is faster while the table is small
      return Promise.all(
        Object.values(searches).map((where) => tx.query(`EXPLAIN SELECT data FROM projects WHERE ${where}`)),
      )
    })
    for (const [nth, index] of Object.keys(searches).entries()) {
      expect(JSON.stringify(plans[nth])).toContain(`${index} `)
    }
  })
})

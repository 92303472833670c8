import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Entity } from '../../../platform/commands/command.ts'
import { newId } from '../../../platform/ids.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { testDatabase, userPayload } from '../fixture.testing.ts'
import { saveInto } from '../stores.testing.ts'

describe('saving entities', () => {
  let database: { sql: Sql; drop(): Promise<void> }

  beforeAll(async () => {
    database = await testDatabase()
  })
  afterAll(() => database.drop())

  const user = (name: string, version: number, id = newId()): Entity => ({
    ...{ id, version, createdAt: '2026-01-01T10:00:00.000Z', updatedAt: '2026-01-01T10:00:00.000Z' },
    ...userPayload(name),
  })
  const saved = async () =>
    (await database.sql.query<{ data: Entity }>('SELECT data FROM users ORDER BY id')).map(({ data }) => data)

  test.each([3, 2])(
    'over a version %i where this one is no newer fails as a whole: somebody else writes',
    async (there) => {
      await database.sql.query('DELETE FROM users')
      const before = user('anna', there)
      await saveInto(database.sql, 'user', [before])
      const writing = saveInto(database.sql, 'user', [user('boris', 1), user('anna2', 2, before.id)])
      await expect(writing).rejects.toThrow('users: 2 rows to write, 1 written')
      expect(await saved()).toEqual([before])
    },
  )

  test('over an older version replaces it', async () => {
    await database.sql.query('DELETE FROM users')
    const before = user('anna', 1)
    await saveInto(database.sql, 'user', [before])
    const after = user('anna2', 2, before.id)
    await saveInto(database.sql, 'user', [after])
    expect(await saved()).toEqual([after])
  })
})

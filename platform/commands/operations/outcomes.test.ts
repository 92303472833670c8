import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { newId } from '../../ids.ts'
import { openPglite } from '../../sql/pglite.ts'
import { SqlError } from '../../sql/port.ts'
import { outcomesSuite } from './outcomes.suite.ts'
import { createOutcomes } from './outcomes.ts'

outcomesSuite('PGlite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'trefoil-outcomes-'))
  const sql = await openPglite({ directory: join(directory, 'sql') })
  return {
    sql,
    async dispose() {
      await sql.close()
      await rm(directory, { recursive: true })
    },
  }
})

describe('outcomes without Postgres', () => {
  const failing = (code: string) => createOutcomes({ query: () => Promise.reject(new SqlError('no', code)) })
  const failure = (code: string) => expect.objectContaining({ name: 'Failure', code, retryAfter: 1 })

  test('are unavailable, and the client may try again', async () => {
    await expect(failing('08006').at({ partition: 0, offset: 0 })).rejects.toEqual(failure('store.unavailable'))
    await expect(failing('57P03').of(newId())).rejects.toEqual(failure('store.unavailable'))
  })

  test('that fail for a fault of our own say nothing of it to a client', async () => {
    await expect(failing('42P01').of(newId())).rejects.toBeInstanceOf(SqlError)
  })

  test('are refused where too many wait for them', async () => {
    const outcomes = createOutcomes({ query: () => new Promise(() => {}) }, 2)
    const waiting = [outcomes.of('a'), outcomes.of('b')]
    await expect(outcomes.of('c')).rejects.toEqual(failure('service.overloaded'))
    expect(waiting).toHaveLength(2)
  })
})

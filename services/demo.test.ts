import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Entity } from '../platform/commands/command.ts'
import type { SystemSender } from '../platform/commands/send/system-sender.ts'
import { hashedId } from '../platform/ids.ts'
import { testDatabase, userPayload } from './consumer/fixture.testing.ts'
import { ensureDemoData, recallDemoData } from './demo.ts'
import { createDecidingEdge } from './projects/deciding-edge.testing.ts'

const system = { id: null, role: 'system' } as const

describe('demo data', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>
  let edge: ReturnType<typeof createDecidingEdge>
  beforeAll(async () => {
    database = await testDatabase()
    edge = createDecidingEdge(database.sql)
    await join('root', 'admin')
  })
  afterAll(() => database?.drop())

  const join = (name: string, role = 'member') =>
    edge.decide({
      ...{ type: 'user.create', entity: hashedId(name), root: hashedId(name) },
      ...{ payload: userPayload(name, { role }), actor: system },
    })

  const answers = new Map<string, Entity>()
  /** What was sent before has its first outcome. @param most the log takes no more than these */
  function createSender(most: number): SystemSender {
    return {
      async send(draft, { actor = system } = {}) {
        const key = JSON.stringify([draft.type, draft.entity, draft.payload])
        const earlier = answers.get(key)
        if (earlier) return earlier
        if (answers.size >= most) throw new Error('no consumer runs')
        const { events, asIs } = await edge.decide({ ...draft, actor })
        const answer = events.find(({ id }) => id === draft.entity)?.data ?? asIs!
        answers.set(key, answer)
        return answer
      },
    }
  }
  const ensure = (most: number) =>
    ensureDemoData({ sql: database.sql, system: createSender(most), log: { warn: () => undefined } }, true)
  const count = async (table: string) => (await database.sql.query(`SELECT 1 FROM ${table} WHERE NOT deleted`)).length

  const forget = () => database.sql.query(`DELETE FROM system WHERE name = 'demo'`)

  test('that was cut short before anything was made of it is undecided in a database made again', async () => {
    await expect(ensure(0)).rejects.toThrow('no consumer runs')
    await forget()
    await recallDemoData(database.sql)
    await expect(ensure(0)).rejects.toThrow('no consumer runs')
  })

  test('that was cut short in the middle goes on in a database made again', async () => {
    await expect(ensure(8)).rejects.toThrow('no consumer runs')
    await forget()
    await recallDemoData(database.sql)
    await expect(ensure(9)).rejects.toThrow('no consumer runs')
    expect(answers.size).toBe(9)
  })

  test('that was cut short is completed, though somebody has come since', async () => {
    await expect(ensure(10)).rejects.toThrow('no consumer runs')
    expect(await count('projects')).toBe(1)
    await join('newcomer')
    await ensure(Number.POSITIVE_INFINITY)
    expect([await count('users'), await count('projects'), await count('tasks')]).toEqual([5, 2, 9])
  })

  test('that is complete is written no more', async () => {
    answers.clear()
    await ensure(0)
    await forget()
    await recallDemoData(database.sql)
    await ensure(0) // somebody has come
  })
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../../../platform/ids.ts'
import { partitionOf } from '../../../platform/log/partition.ts'
import type { Sql } from '../../../platform/sql/port.ts'
import { createDecider } from '../decide/decide.ts'
import { entities } from '../entities.ts'
import { commandOf, testDatabase, userPayload } from '../fixture.testing.ts'
import { publish } from '../following/publish.ts'
import { readProgress, takeOver } from '../ownership/progress.ts'
import { openStage, type Stage } from '../testing/world.testing.ts'
import { emptyForRebuild } from './empty.ts'
import { rebuild } from './rebuild.ts'

describe('emptying the database for a rebuild', () => {
  let database: { sql: Sql; drop(): Promise<void> }
  let stage: Stage
  let sql: Sql
  const command = commandOf('user.create', newId(), userPayload('anna'))
  const P = partitionOf(command.root)
  const users = () => sql.query('SELECT id, version, data FROM users')

  beforeEach(async () => {
    database = await testDatabase()
    sql = database.sql
    stage = await openStage(sql)
    const { epoch } = await takeOver(sql, P, Date.now())
    await stage.send(command)
    const [batch] = await createDecider(sql, entities, 1).decide(P, epoch, await stage.read(P, 0))
    await publish(stage.log, batch!)
    await sql.query('UPDATE consumer_progress SET published = 1, decided = 1, served = 1 WHERE partition = $1', [P])
    await sql.query(`INSERT INTO credentials (user_id, password_hash) VALUES ($1, 'secret')`, [command.entity])
  })
  afterEach(async () => {
    await stage.close()
    await database.drop()
  })

  test('takes what a rebuild puts back, and nothing that is on no log', async () => {
    const before = await users()
    const { epoch } = await readProgress(sql, P)
    await emptyForRebuild({ sql, log: stage.log, mongo: null }, entities)
    expect(await users()).toEqual([])
    expect(await readProgress(sql, P)).toMatchObject({ next: 0, published: 0 })
    expect((await readProgress(sql, P)).epoch).toBeGreaterThan(epoch)
    await rebuild({ log: stage.log, sql, definitions: entities, onProgress: () => {} })
    expect(await users()).toEqual(before)
    expect(await sql.query('SELECT user_id FROM credentials')).toEqual([{ user_id: command.entity }])
  })

  test('goes on from where it was cut short', async () => {
    await emptyForRebuild({ sql, log: stage.log, mongo: null }, entities)
    await emptyForRebuild({ sql, log: stage.log, mongo: null }, entities)
    await rebuild({ log: stage.log, sql, definitions: entities, onProgress: () => {} })
    expect(await users()).toHaveLength(1)
  })

  test('is refused where events tell less than the database knows: another log, or none', async () => {
    await sql.query('UPDATE consumer_progress SET published = 2 WHERE partition = $1', [P])
    const emptying = emptyForRebuild({ sql, log: stage.log, mongo: null }, entities)
    await expect(emptying).rejects.toThrow(`events tell of partition ${P} what is below 1`)
    expect(await users()).toHaveLength(1)
  })

  test('accepts the loss where a person does', async () => {
    await sql.query('UPDATE consumer_progress SET published = 2 WHERE partition = $1', [P])
    await emptyForRebuild({ sql, log: stage.log, mongo: null }, entities, { acceptLoss: true })
    expect(await users()).toEqual([])
  })
})

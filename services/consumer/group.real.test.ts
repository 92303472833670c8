import type { Buffer } from 'node:buffer'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Entity, Outcome } from '../../platform/commands/command.ts'
import { LogUnavailable, PARTITIONS } from '../../platform/log/port.ts'
import { createChance } from '../../platform/reads/simulation/chance.testing.ts'
import { systemClock } from '../../platform/waiting.ts'
import { runFile, runtime } from '../../test/runtime.ts'
import type { RunningConsumer } from './consumer.ts'
import { readCursors } from './ownership/progress.ts'
import { audit } from './testing/audit.testing.ts'
import { createCommands } from './testing/commands.testing.ts'
import { makePlace, openRealParts } from './testing/real-parts.testing.ts'

/** For a join and a rebalance, and before them the start of a process. */
const PATIENT = { timeout: 90_000, interval: 100 }
const EVERY = Array.from({ length: PARTITIONS }, (_, partition) => partition)

describe('consumers of one group', () => {
  let place: Awaited<ReturnType<typeof makePlace>>
  let appended: Outcome[]
  let parts: Awaited<ReturnType<typeof openRealParts>>
  let others: Awaited<ReturnType<typeof openRealParts>>[]
  let sending: boolean
  let load: Promise<void>

  beforeEach(async () => {
    place = await makePlace()
    appended = []
    others = []
    parts = await openRealParts(place.place, (outcomes) => appended.push(...outcomes))
    sending = true
    load = send()
  })
  afterEach(async () => {
    sending = false
    await load
    await Promise.all(others.map((one) => one.close()))
    await parts.mongo.db.dropDatabase()
    await parts.close()
    await place.drop()
  })

  /** Commands over all partitions, as fast as they are acknowledged, until somebody says stop. A busy Kafka may refuse some. */
  async function send(): Promise<void> {
    const command = createCommands(createChance(7), EVERY)
    while (sending) {
      await parts.log.append('commands', Array.from({ length: 10 }, command)).catch((error: unknown) => {
        if (!(error instanceof LogUnavailable)) throw error
      })
      await systemClock.sleep(10)
    }
  }

  async function another() {
    const one = await openRealParts(place.place, (outcomes) => appended.push(...outcomes))
    others.push(one)
    return one
  }

  const decided = async () => (await readCursors(parts.sql, 'next_offset')).reduce((sum, next) => sum + next, 0)
  /** More commands are decided in every partition. */
  async function goesOn(): Promise<void> {
    const before = await decided()
    await expect.poll(decided, PATIENT).toBeGreaterThan(before + 100)
  }

  /** By partition: commands that are not told yet. */
  async function untold(): Promise<number[]> {
    const { ends } = await parts.log.describe('commands')
    return (await readCursors(parts.sql, 'served')).map((served, partition) => ends[partition]! - served)
  }

  /**
   * Ends the last one once everything is told. The tasks of removed projects are removed by commands of its own: if it has just
   * sent some, another one is needed.
   */
  async function stopWithEverythingTold(last: RunningConsumer): Promise<void> {
    sending = false
    await load
    const nothing = EVERY.map(() => 0)
    await expect.poll(untold, PATIENT).toEqual(nothing)
    await last.close()
    if ((await untold()).some((count) => count > 0)) await stopWithEverythingTold(await parts.start())
  }

  async function auditAll(outcomes: readonly Outcome[], unordered = false): Promise<void> {
    const documents = await parts.mongo.db.collection<Entity & { _id: string }>('tasks').find({}).toArray()
    const kept = new Map(documents.map(({ _id, ...entity }) => [_id, entity as Entity]))
    await audit({ ...parts, mongo: { entities: kept }, partitions: EVERY, appended: outcomes, unordered })
  }

  test('one, then two, then one again, under load: each command decided once, nothing lost', async () => {
    const first = await parts.start()
    await expect.poll(() => first.owned().length, PATIENT).toBe(PARTITIONS)
    await goesOn()
    const second = await (await another()).start()
    await expect.poll(() => [first.owned().length, second.owned().length], PATIENT).toEqual([6, 6])
    await goesOn()
    await first.close()
    await expect.poll(() => second.owned().length, PATIENT).toBe(PARTITIONS)
    await goesOn()
    await stopWithEverythingTold(second)
    await auditAll(appended)
  }, 600_000)

  test('one that is killed costs its partitions a while, and nothing else', async () => {
    const survivor = await parts.start()
    await expect.poll(() => survivor.owned().length, PATIENT).toBe(PARTITIONS)
    const { child, owned } = await program()
    await expect.poll(owned, PATIENT).toBe(PARTITIONS / 2)
    await goesOn()
    child.kill('SIGKILL')
    await once(child, 'exit')
    await expect.poll(() => survivor.owned().length, PATIENT).toBe(PARTITIONS)
    await stopWithEverythingTold(survivor)
    await auditAll(await onEvents(), true)
  }, 600_000)

  /** A consumer in a process of its own. */
  async function program(): Promise<{ child: ChildProcess; owned: () => number }> {
    const file = fileURLToPath(new URL('./testing/member.fixture.ts', import.meta.url))
    const child = spawn(runtime, [...runFile(file), place.place], { stdio: ['pipe', 'pipe', 'inherit'] })
    let last = '[]'
    child.stdout.on('data', (text: Buffer) => {
      last = text.toString().trim().split('\n').at(-1)!
    })
    return { child, owned: () => (JSON.parse(last) as number[]).length }
  }

  /** What was appended by processes that can tell nothing any more, as the log has it. */
  async function onEvents(): Promise<Outcome[]> {
    const { ends } = await parts.log.describe('events')
    const all: Outcome[] = []
    for (const partition of EVERY) {
      for (let from = 0; from < ends[partition]!; ) {
        const records = await parts.log.read('events', partition, from, 500)
        all.push(...records.map(({ value }) => JSON.parse(value) as Outcome))
        from += records.length
      }
    }
    return all
  }
})

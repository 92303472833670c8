import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Admin, type ITopicConfig, Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openKafkaLog } from './kafka.ts'
import { type Log, LogUnavailable, type NewRecord, PARTITIONS } from './port.ts'
import { recorder } from './suite/recorder.ts'
import { logContract } from './suite.ts'

const WAIT = { timeout: 40_000, interval: 20 }
const brokers = process.env.KAFKA_BROKERS?.split(',') ?? []
if (brokers.length === 0) throw new Error('KAFKA_BROKERS is not set: these tests need a Kafka')

let admin: Admin
beforeAll(async () => {
  admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
})
afterAll(() => admin.disconnect())

const newPrefix = () => `test-${randomUUID()}-`
const openWith = (topicPrefix: string) => openKafkaLog({ brokers, clientId: 'test', topicPrefix })

async function removeAll(prefix: string): Promise<void> {
  const { groups } = await admin.listGroups()
  const mine = groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix))
  if (mine.length > 0) await admin.deleteGroups(mine)
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
  if (topics.length > 0) await admin.deleteTopics({ topics })
}

logContract('kafka', async () => {
  const prefix = newPrefix()
  return { open: () => openWith(prefix), remove: () => removeAll(prefix) }
})

const records = (count: number): NewRecord[] =>
  Array.from({ length: count }, (_, n) => ({ partition: n % PARTITIONS, key: 'k', value: String(n) }))
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)
const all = Array.from({ length: PARTITIONS }, (_, partition) => partition)

describe('a group in Kafka', { timeout: 90_000 }, () => {
  let prefix: string
  let log: Log
  beforeEach(async () => {
    prefix = newPrefix()
    log = await openWith(prefix)
  })
  afterEach(async () => {
    await log.close()
    await removeAll(prefix)
  })
  const fromTheStart = Object.fromEntries(all.map((partition) => [partition, 0]))

  test('shares the partitions among its members, leaves to each what it had, and hands on what one gives up', async () => {
    const first = recorder(log, fromTheStart)
    const second = recorder(log, fromTheStart)
    const consumption = await log.consume('commands', 'group', first.consumer)
    await vi.waitFor(() => expect(sorted(first.assigned)).toEqual(all), WAIT)
    const other = await openWith(prefix)
    await other.consume('commands', 'group', second.consumer)
    await vi.waitFor(() => expect(second.assigned).toHaveLength(PARTITIONS / 2), WAIT)
    await vi.waitFor(() => expect(sorted(first.revoked)).toEqual(sorted(second.assigned)), WAIT)
    expect(first.assigned).toHaveLength(PARTITIONS) // what it kept was not assigned to it again

    await log.append('commands', records(1_200))
    await vi.waitFor(() => expect(first.records.length + second.records.length).toBe(1_200), WAIT)
    expect(new Set(second.records.map(({ partition }) => partition))).toEqual(new Set(second.assigned))

    await other.close()
    expect(sorted(second.revoked)).toEqual(sorted(second.assigned))
    await vi.waitFor(() => expect(first.assigned).toHaveLength(PARTITIONS * 1.5), WAIT)
    await vi.waitFor(() => {
      for (const partition of all) {
        const offsets = new Set(first.of(partition).map(({ offset }) => offset))
        expect(sorted([...offsets])).toEqual(Array.from({ length: 100 }, (_, n) => n))
      }
    }, WAIT)
    expect(first.overlaps).toBe(0)
    await consumption.close()
  })

  test('takes over from a member that is killed; a batch that lasts longer than a session costs nobody the place', async () => {
    const survivor = recorder(log, fromTheStart)
    survivor.hold = true
    await log.append('commands', records(120))
    await log.consume('commands', 'group', survivor.consumer)
    await vi.waitFor(() => expect(survivor.running).toBe(PARTITIONS), WAIT)
    const program = fileURLToPath(new URL('./kafka/member.fixture.ts', import.meta.url))
    const flags = process.versions.deno ? ['run', '-A'] : ['--import', 'tsx']
    const child = spawn(process.execPath, [...flags, program, brokers.join(), prefix, `group`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const taken: number[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      const { assigned } = JSON.parse(line)
      if (assigned !== undefined) taken.push(assigned)
      if (taken.length === PARTITIONS / 2) break
    }
    await vi.waitFor(() => expect(sorted(survivor.revoked)).toEqual(sorted(taken)), WAIT)
    survivor.hold = false // the batches held go on: the six that it kept
    expect(survivor.running).toBe(PARTITIONS / 2)
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
    await vi.waitFor(() => expect(survivor.assigned).toHaveLength(PARTITIONS * 1.5), WAIT) // a session later
    expect(sorted(survivor.assigned.slice(PARTITIONS))).toEqual(sorted(taken))
    await vi.waitFor(() => {
      for (const partition of taken) expect(survivor.of(partition).length).toBeGreaterThanOrEqual(10)
    }, WAIT)
    expect(survivor.revoked).toHaveLength(taken.length)
    expect(survivor.running).toBe(PARTITIONS / 2)
  })

  test('tells Kafka how far it is', async () => {
    const member = recorder(log, fromTheStart)
    await log.append('commands', records(24))
    const consumption = await log.consume('commands', 'group', member.consumer)
    await vi.waitFor(() => expect(member.records).toHaveLength(24), WAIT)
    await consumption.close()
    const [committed] = await admin.fetchOffsets({ groupId: `${prefix}group`, topics: [`${prefix}commands`] })
    expect(committed!.partitions.map(({ offset }) => offset)).toEqual(all.map(() => '2'))
  })

  test('begins where `assigned` says, whatever offset Kafka has for the group', async () => {
    await log.append('commands', records(36))
    const groupId = `${prefix}group`
    const topic = `${prefix}commands`
    await admin.setOffsets({ groupId, topic, partitions: all.map((partition) => ({ partition, offset: '3' })) })
    const member = recorder(log, { ...fromTheStart, 4: 2 })
    await log.consume('commands', 'group', member.consumer)
    await vi.waitFor(() => expect(member.records).toHaveLength(34), WAIT)
    expect(member.of(3).map(({ offset }) => offset)).toEqual([0, 1, 2])
    expect(member.of(4).map(({ offset }) => offset)).toEqual([2])
  })

  test('fails, and reading throws, where records were deleted', async () => {
    await log.append('commands', records(60))
    const topic = `${prefix}commands`
    await admin.fetchTopicOffsets(topic) // without it kafkajs knows no leaders
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 2, offset: '3' }] })
    await expect(log.read('commands', 2, 2, 10)).rejects.toThrow('partition 2 of')
    expect((await log.read('commands', 2, 3, 10)).map(({ offset }) => offset)).toEqual([3, 4])
    const member = recorder(log, { 2: 2 })
    const consumption = await log.consume('commands', 'group', member.consumer)
    expect((await consumption.failed).message).toMatch(/partition 2 of .* has no record at offset 2/)
    expect(member.of(2)).toEqual([])
  })

  test('stops, as reading does, at holes in the offsets, such as transactions of others leave', async () => {
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
    const producer = kafka.producer({ transactionalId: prefix, maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic: `${prefix}commands`, messages: [{ partition: 0, key: 'k', value: 'foreign' }] })
    await transaction.commit()
    await producer.disconnect()
    await vi.waitFor(async () => expect((await log.describe('commands')).ends[0]).toBe(2), WAIT)
    expect(await log.append('commands', [{ partition: 0, key: 'k', value: 'ours' }])).toEqual([2])
    await expect(log.read('commands', 0, 0, 9)).rejects.toThrow('has no record at offset')
    const consumption = await log.consume('commands', 'group', recorder(log, { 0: 0 }).consumer)
    expect((await consumption.failed).message).toContain('has no record at offset 1')
  })
})

describe('the topics in Kafka', { timeout: 60_000 }, () => {
  let prefix: string
  beforeEach(() => {
    prefix = newPrefix()
  })
  afterEach(() => removeAll(prefix))

  async function made(config: Omit<ITopicConfig, 'topic'>): Promise<void> {
    const topics = ['commands', 'events'].map((name) => ({ topic: prefix + name, ...config }))
    await admin.createTopics({ topics, waitForLeaders: false })
  }

  test('are made by whoever may, several at a time if need be, and kept for ever', async () => {
    const logs = await Promise.all([openWith(prefix), openWith(prefix)])
    const ids = await Promise.all(logs.map(async (log) => (await log.describe('commands')).id))
    expect(ids[0]).toMatch(/^[\w-]{22}$/)
    expect(ids[1]).toBe(ids[0])
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: `${prefix}events`, configNames: ['retention.ms', 'cleanup.policy'] }],
    })
    const configs = Object.fromEntries(
      resources[0]!.configEntries.map((entry) => [entry.configName, entry.configValue]),
    )
    expect(configs).toEqual({ 'retention.ms': '-1', 'cleanup.policy': 'delete' })
    await Promise.all(logs.map((log) => log.close()))
  })

  test('are refused with another number of partitions', async () => {
    await made({ numPartitions: 3 })
    await expect(openWith(prefix)).rejects.toThrow(`${prefix}commands has 3 partitions, and the log needs exactly 12`)
  })

  test('are refused when they would lose records', async () => {
    await made({ numPartitions: PARTITIONS, configEntries: [{ name: 'retention.ms', value: '86400000' }] })
    await expect(openWith(prefix)).rejects.toThrow('retention.ms=86400000, so it would lose records')
  })

  test('have another id when they were made anew', async () => {
    const ids: string[] = []
    for (let time = 0; time < 2; time++) {
      const log = await openWith(prefix)
      ids.push((await log.describe('commands')).id)
      await log.close()
      await admin.deleteTopics({ topics: [`${prefix}commands`] })
      await vi.waitFor(async () => expect(await admin.listTopics()).not.toContain(`${prefix}commands`), WAIT)
    }
    expect(ids[1]).not.toBe(ids[0])
  })

  test('are missed with the reason when Kafka refuses to make them', async () => {
    const opening = openKafkaLog({
      brokers,
      clientId: 'test',
      topicPrefix: prefix,
      replicationFactor: 99,
    })
    await expect(opening).rejects.toThrow(/does not make the topic .*commands: .*[Rr]eplication/)
  })

  test('cannot be reached where no Kafka is, and the error says so', async () => {
    const opening = openKafkaLog({ brokers: ['127.0.0.1:9'], clientId: 'test' }).catch((error: unknown) => error)
    const error = await opening
    expect(error).toBeInstanceOf(LogUnavailable)
    expect(error).toMatchObject({ written: 'no', message: expect.stringContaining('ECONNREFUSED') })
  })
})

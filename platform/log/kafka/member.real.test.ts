import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { TcpProxy } from '../../../test/tcp-proxy.ts'
import { beforeKafka } from '../../../test/trouble/place.ts'
import { openKafkaLog } from '../kafka.ts'
import { type Log, PARTITIONS } from '../port.ts'
import { recorder } from '../suite/recorder.ts'

const broker = process.env.KAFKA_BROKERS?.split(',')[0]
if (!broker) throw new Error('KAFKA_BROKERS is not set')

const SYNC_GROUP = 14
const WAIT = { timeout: 90_000, interval: 50 }
const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin()
const every = Array.from({ length: PARTITIONS }, (_, partition) => partition)

let topicPrefix: string
let proxy: TcpProxy
let logs: Log[]
beforeAll(() => admin.connect())
beforeEach(async () => {
  topicPrefix = `test-${randomUUID()}-`
  proxy = await beforeKafka(broker)
  logs = []
})
afterEach(async () => {
  await Promise.all(logs.map((log) => log.close()))
  await proxy.close()
  await vi.waitFor(() => admin.deleteGroups([`${topicPrefix}group`]), WAIT)
  await admin.deleteTopics({ topics: [`${topicPrefix}commands`, `${topicPrefix}events`] })
})
afterAll(() => admin.disconnect())

/** A member of the group, and the partitions that it holds now. */
async function join(brokers: string[]) {
  const log = await openKafkaLog({ brokers, clientId: 'test', topicPrefix })
  logs.push(log)
  const member = recorder(log, Object.fromEntries(every.map((partition) => [partition, 0])))
  const consumption = await log.consume('commands', 'group', member.consumer)
  const times = (list: readonly number[], partition: number) => list.filter((one) => one === partition).length
  const held = () => every.filter((one) => times(member.assigned, one) > times(member.revoked, one))
  return { log, member, held, leave: () => consumption.close() }
}

/** Kafka gets the next SyncGroup, and whoever sent it gets no answer. */
function loseAssignment(): Promise<void> {
  return new Promise((resolve) => {
    let lost = false
    proxy.inspect((chunk) => {
      if (lost || chunk.length < 6 || chunk.readInt16BE(4) !== SYNC_GROUP) return 'pass'
      lost = true
      resolve()
      return 'drop the answer'
    })
  })
}

test('a member that never hears of what it was assigned joins again: no partition stays without an owner', {
  timeout: 300_000,
}, async () => {
  const one = await join([`127.0.0.1:${proxy.port}`])
  await vi.waitFor(() => expect(one.held()).toEqual(every), WAIT)
  const other = await join([broker])
  await vi.waitFor(() => expect([one.held().length, other.held().length]).toEqual([6, 6]), WAIT)
  const lost = loseAssignment()
  await other.leave()
  await lost
  await vi.waitFor(() => expect(one.held()).toEqual(every), WAIT)
  await one.log.append(
    'commands',
    every.map((partition) => ({ partition, key: 'k', value: 'v' })),
  )
  await vi.waitFor(() => expect(new Set(one.member.records.map(({ partition }) => partition)).size).toBe(12), WAIT)
})

test('a member that never hears of its first assignment joins again: its former self costs a session', {
  timeout: 300_000,
}, async () => {
  const lost = loseAssignment()
  const one = await join([`127.0.0.1:${proxy.port}`])
  await lost
  await vi.waitFor(() => expect(one.held()).toEqual(every), WAIT)
})

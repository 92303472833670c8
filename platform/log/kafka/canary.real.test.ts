import process from 'node:process'
import { Kafka, type LogEntry, logLevel, type Producer } from 'kafkajs'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { TcpProxy } from '../../../test/tcp-proxy.ts'
import { beforeKafka } from '../../../test/trouble/place.ts'
import { newId } from '../../ids.ts'

// What kafkajs does that ours is built around. A failure here is news, and no fault of ours: the reason for some of what stands
// beside this file may be gone.

const broker = process.env.KAFKA_BROKERS?.split(',')[0]
if (!broker) throw new Error('KAFKA_BROKERS is not set')

/** Long, so that one send fails and waits while another is sent. */
const RETRY = { initialRetryTime: 10_000, maxRetryTime: 30_000, retries: 5 }
const PRODUCE = 0

const topic = `canary-${newId()}`
const straight = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING })
const admin = straight.admin()
const opened: { disconnect(): Promise<void> }[] = []
let proxy: TcpProxy
beforeAll(async () => {
  proxy = await beforeKafka(broker)
  await admin.connect()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.disconnect()))
  await admin.deleteTopics({ topics: [topic] })
})
afterAll(async () => {
  await admin.disconnect()
  await proxy.close()
})

/** A producer through the proxy, and what it logs. */
async function producing(idempotent: boolean) {
  await vi.waitFor(() => admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true }), 10_000)
  const said: string[] = []
  const logCreator = () => (entry: LogEntry) => void said.push(entry.log.message)
  const brokers = [`127.0.0.1:${proxy.port}`]
  const kafka = new Kafka({ brokers, retry: RETRY, logLevel: logLevel.DEBUG, logCreator })
  const producer = kafka.producer({ idempotent, maxInFlightRequests: 1, retry: RETRY })
  await producer.connect()
  opened.push(producer)
  return { producer, said }
}

const send = async (producer: Producer, value: string): Promise<string | undefined> =>
  (await producer.send({ topic, acks: -1, messages: [{ value }] }))[0]?.baseOffset

/** The answer to the next write is lost: the broker has it, the client does not know. */
function loseAnswer(): void {
  let lost = false
  proxy.inspect((chunk) => {
    if (lost || chunk.length < 6 || chunk.readInt16BE(4) !== PRODUCE) return 'pass'
    lost = true
    return 'drop the answer'
  })
}

/** All that the topic holds. */
async function written(): Promise<string[]> {
  const values: string[] = []
  const [end] = await admin.fetchTopicOffsets(topic)
  const consumer = straight.consumer({ groupId: newId() })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => void values.push(String(message.value)) })
  await vi.waitFor(() => expect(values).toHaveLength(Number(end!.offset)), 20_000)
  await consumer.disconnect()
  return values
}

/** Two sends; the first one's answer is lost, and the second goes out while the first waits to be tried again. */
async function twoSends(idempotent: boolean) {
  const { producer, said } = await producing(idempotent)
  await send(producer, 'before')
  loseAnswer()
  const first = send(producer, 'first')
  await vi.waitFor(() => expect(said.join('\n')).toMatch(/Failed to send messages|reconnecting/), 10_000)
  const second = await send(producer, 'second')
  await first
  return { second, values: await written() }
}

test('idempotent: a record is acknowledged that was never written, so ours is not', { timeout: 180_000 }, async () => {
  const { second, values } = await twoSends(true)
  expect(second).toBe('1') // where `first` is: the broker takes it for `first` again
  expect(values).toEqual(['before', 'first', 'first'])
})

test('otherwise: what is acknowledged is there, and what was sent again is there twice', {
  timeout: 180_000,
}, async () => {
  const { second, values } = await twoSends(false)
  expect(values[Number(second)]).toBe('second')
  expect(values.toSorted()).toEqual(['before', 'first', 'first', 'second'])
})

test('a handler that throws a TypeError ends its consumer for good, which says so', { timeout: 180_000 }, async () => {
  const { producer } = await producing(false)
  await send(producer, 'any')
  const consumer = straight.consumer({ groupId: newId() })
  opened.push(consumer)
  const crashed = new Promise<boolean>((resolve) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.restart))
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachBatch: async () => Promise.reject(new TypeError('a fault of the data')) })
  expect(await crashed).toBe(false)
})

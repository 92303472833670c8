import { KafkaJSNonRetriableError, KafkaJSNumberOfRetriesExceeded, KafkaJSRequestTimeoutError } from 'kafkajs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { persist } from './persistence.ts'
import { offsetsOf } from './producer.ts'

const to = (partition: number) => ({ partition, key: 'k', value: 'v' })
const reply = (partition: number, baseOffset?: string) => ({ topicName: 't', partition, errorCode: 0, baseOffset })

describe('offsetsOf', () => {
  test('counts on from the first offset of each partition', () => {
    const records = [to(2), to(0), to(2), to(2)]
    expect(offsetsOf(records, [reply(2, '7'), reply(0, '40')])).toEqual([7, 40, 8, 9])
  })

  test.each([[[]], [[reply(0, '1')]], [[reply(2)]], [[reply(2, '-1')]]])(
    'takes %j for no acknowledgement',
    (replies) => {
      expect(() => offsetsOf([to(2)], replies)).toThrow('did not say where it put the records of partition 2')
    },
  )
})

describe('persist', () => {
  afterEach(() => void vi.useRealTimers())

  test('tries again after what passes', async () => {
    const timeout = new KafkaJSRequestTimeoutError('slow', {
      broker: '',
      clientId: '',
      correlationId: 0,
      createdAt: 0,
      pendingDuration: 0,
      sentAt: 0,
    })
    const troubles = [timeout, new KafkaJSNumberOfRetriesExceeded('gave up', { retryCount: 1, retryTime: 1 })]
    const work = async () => {
      const trouble = troubles.shift()
      if (trouble) throw trouble
      return 'done'
    }
    expect(await persist(work, Number.POSITIVE_INFINITY)).toBe('done')
  })

  test.each([
    ['what kafkajs calls final', new KafkaJSNonRetriableError('no')],
    ['an error of ours', new TypeError('bug')],
  ])('does not try again after %s', async (_, error) => {
    let tries = 0
    const work = async () => {
      tries++
      throw error
    }
    await expect(persist(work, Number.POSITIVE_INFINITY)).rejects.toBe(error)
    expect(tries).toBe(1)
  })

  test('gives up at the deadline', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
    const error = new KafkaJSNumberOfRetriesExceeded('gone', { retryCount: 1, retryTime: 1 })
    let tries = 0
    const work = async () => {
      tries++
      throw error
    }
    const given = expect(persist(work, performance.now() + 300)).rejects.toBe(error)
    await vi.advanceTimersByTimeAsync(300)
    await given
    expect(tries).toBeGreaterThan(1)
  })
})

import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { Partitioners } from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { partitionOf } from './partition.ts'
import { PARTITIONS } from './port.ts'

describe('partitionOf', () => {
  // Keys and hashes of Kafka's own UtilsTest.testMurmur2.
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('puts %s where Kafka does', (key, hash) => {
    expect(partitionOf(key)).toBe((hash & 0x7fffffff) % PARTITIONS)
  })

  test('agrees with the default partitioner of kafkajs on any key', () => {
    const partitionMetadata = Array.from({ length: PARTITIONS }, (_, partitionId) => ({
      partitionId,
      leader: 0,
      partitionErrorCode: 0,
      isr: [],
      replicas: [],
    }))
    const theirs = Partitioners.DefaultPartitioner()
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (key) => {
        const message = { key: Buffer.from(key), value: null }
        expect(partitionOf(key)).toBe(theirs({ topic: 'any', partitionMetadata, message }))
      }),
    )
  })
})

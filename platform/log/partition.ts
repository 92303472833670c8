import { Buffer } from 'node:buffer'
import { PARTITIONS } from './port.ts'

/** Where Kafka's default partitioner puts this key, so that producers in other languages agree with ours. */
export function partitionOf(key: string): number {
  return (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % PARTITIONS
}

const SEED = 0x9747b28c
const MIX = 0x5bd1e995

/** MurmurHash2 with the seed of org.apache.kafka.common.utils.Utils; a signed 32-bit number, as in Java. */
function murmur2(data: Buffer): number {
  const whole = data.length & ~3
  let hash = SEED ^ data.length
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(data.readInt32LE(at), MIX)
    word = Math.imul(word ^ (word >>> 24), MIX)
    hash = Math.imul(hash, MIX) ^ word
  }
  if (whole < data.length) {
    for (let at = data.length - 1; at >= whole; at--) hash ^= data[at]! << (8 * (at - whole))
    hash = Math.imul(hash, MIX)
  }
  hash = Math.imul(hash ^ (hash >>> 13), MIX)
  return hash ^ (hash >>> 15)
}

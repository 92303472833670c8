import { Buffer } from 'node:buffer'
import type { Broker } from 'kafkajs'

/**
 * A topic's UUID, which Kafka gives it when it is made, in the spelling of `kafka-topics.sh --describe`. kafkajs knows
 * Metadata requests up to version 6, and the id comes with version 10: so this asks for version 12 by itself (Kafka
 * 2.8 and later), over the connection of kafkajs.
 *
 *     request 12   [topic: id uuid, name compact string] · allow creation bool · include authorized operations bool
 *     response 12  throttle i32 · [broker: id i32, host, port i32, rack] · cluster · controller i32 · [topic: error i16, name, id uuid, …]
 */
export async function fetchTopicId(broker: Broker, topic: string): Promise<string> {
  const body = request(topic)
  const reply = await (broker as unknown as Wire).connectionPool.send({
    request: { apiKey: 3, apiVersion: 12, apiName: 'Metadata', encode: async () => ({ buf: body, buffer: body }) },
    response: { decode: async (payload) => payload, parse: async (payload) => payload },
  })
  return parse(reply, topic)
}

/** The part of kafkajs 2.2.4 that its types leave out; an encoder is anything with `buf` and `buffer`. */
interface Wire {
  connectionPool: {
    send(exchange: {
      request: Call
      response: { decode: (b: Buffer) => Promise<Buffer>; parse: (b: Buffer) => Promise<Buffer> }
    }): Promise<Buffer>
  }
}
interface Call {
  apiKey: number
  apiVersion: number
  apiName: string
  encode(): Promise<{ buf: Buffer; buffer: Buffer }>
}

const NO_TAGS = 0
const NO_ID = Buffer.alloc(16)

function request(topic: string): Buffer {
  const name = Buffer.from(topic, 'utf8')
  const lengths = { topics: varint(1 + 1), name: varint(name.length + 1) } // compact lengths are one more
  return Buffer.from([NO_TAGS, ...lengths.topics, ...NO_ID, ...lengths.name, ...name, NO_TAGS, 0, 0, NO_TAGS])
}

function parse(reply: Buffer, topic: string): string {
  const cursor = createCursor(reply)
  cursor.tags() // of the response header, which kafkajs takes for part of the body
  cursor.skip(4)
  for (let broker = cursor.length(); broker > 0; broker--) {
    cursor.skip(4)
    cursor.text()
    cursor.skip(4)
    cursor.text()
    cursor.tags()
  }
  cursor.text()
  cursor.skip(4)
  cursor.length()
  const error = cursor.skip(2).readInt16BE()
  const name = cursor.text()
  if (error !== 0 || name !== topic) throw new Error(`Kafka does not describe the topic ${topic}: error ${error}`)
  return cursor.skip(16).toString('base64url')
}

function createCursor(bytes: Buffer) {
  let at = 0
  function skip(count: number): Buffer {
    if (at + count > bytes.length) throw new Error('a Metadata response is shorter than it says')
    at += count
    return bytes.subarray(at - count, at)
  }
  function unsigned(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = skip(1)[0]!
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  const length = () => unsigned() - 1
  return {
    skip,
    length,
    text: () => skip(Math.max(0, length())).toString('utf8'),
    tags() {
      for (let tag = unsigned(); tag > 0; tag--) {
        unsigned()
        skip(unsigned())
      }
    },
  }
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

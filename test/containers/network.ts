import { Buffer } from 'node:buffer'
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A loopback network of one's own: Linux answers for the whole of 127.0.0.0/8, so every container has an address. */
export interface Network {
  /** Its name server: `127.20.30.53:5353`. */
  nameserver: string
  gateway: string
  /** An address that no container has had. */
  nextAddress(): string
  /** From now on the name is answered with this address, among others, in turn. Returns what ends that. */
  join(name: string, address: string): () => void
  addressesOf(name: string): readonly string[]
  close(): Promise<void>
}

const PORT = 5353

export async function openNetwork(): Promise<Network> {
  const names = new Map<string, string[]>()
  const server = createSocket('udp4')
  server.on('message', (query, { port, address }) => {
    const answer = answerTo(query, (name) => inTurn(names.get(name)))
    if (answer) server.send(answer, port, address)
  })
  const subnet = await bind()
  let last = 1

  async function bind(tries = 10): Promise<string> {
    const candidate = `127.${randomInt(16, 255)}.${randomInt(1, 255)}`
    server.bind(PORT, `${candidate}.53`)
    try {
      await once(server, 'listening')
      return candidate
    } catch (error) {
      if (tries === 0) throw error
      return bind(tries - 1)
    }
  }

  return {
    nameserver: `${subnet}.53:${PORT}`,
    gateway: `${subnet}.1`,
    nextAddress() {
      last += 1
      if (last === 53) throw new Error('there are no more than 51 containers in a test')
      return `${subnet}.${last}`
    },
    join(name, address) {
      names.set(name, [...(names.get(name) ?? []), address])
      return () => {
        names.set(name, names.get(name)?.filter((one) => one !== address) ?? [])
      }
    },
    addressesOf: (name) => names.get(name) ?? [],
    async close() {
      server.close()
      await once(server, 'close')
    },
  }
}

/** As Docker's: all of them, another one first each time. */
function inTurn(addresses: string[] | undefined): string[] | undefined {
  const first = addresses?.shift()
  if (first !== undefined) addresses?.push(first)
  return addresses && [...addresses]
}

const HEADER = 12
const A = 1
const NOT_FOUND = 3

/**
 * Answers one question of RFC 1035 for addresses of the fourth version; other types have no answer, other names do not exist.
 * Undefined for what is no question.
 */
function answerTo(query: Buffer, find: (name: string) => string[] | undefined): Buffer | undefined {
  if (query.length < HEADER || query.readUInt16BE(4) !== 1) return undefined
  const labels: string[] = []
  let at = HEADER
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
    if (at >= query.length) return undefined
  }
  const end = at + 1 + 4
  if (end > query.length) return undefined
  const found = find(labels.join('.').toLowerCase())
  const addresses = query.readUInt16BE(at + 1) === A ? (found ?? []) : []

  const header = Buffer.alloc(HEADER)
  query.copy(header, 0, 0, 2)
  header.writeUInt16BE(0x8180 | (found ? 0 : NOT_FOUND), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(addresses.length, 6)
  // 0xc00c: the name as in the question; it may be kept for no time.
  const records = addresses.map((address) =>
    Buffer.from([0xc0, HEADER, 0, A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  )
  return Buffer.concat([header, query.subarray(HEADER, end), ...records])
}

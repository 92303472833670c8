import { Buffer } from 'node:buffer'
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A loopback network of one's own: Linux answers for the whole of 127.0.0.0/8, so every container has an address. */
export interface Network {
  /** The name server of a container with these options, `dns_opt` in docker-compose.yml: `127.20.30.53:5353`. */
  nameserver(options?: readonly string[]): string
  gateway: string
  /** An address that no container has had. */
  nextAddress(): string
  /** From now on the name is answered with this address, among others, in turn. Returns what ends that. */
  join(name: string, address: string): () => void
  addressesOf(name: string): readonly string[]
  close(): Promise<void>
}

const PORT = 5353

/**
 * Docker's name server knows the containers that run, and asks the machine's name server for every other name, which here never
 * answers. But of a container with the option `ndots` it asks for no name without a dot: there is none.
 */
export async function openNetwork(): Promise<Network> {
  const names = new Map<string, string[]>()
  const find = (name: string) => inTurn(names.get(name))
  const asking = createSocket('udp4').on('message', (query, { port, address }) => {
    const answer = answerTo(query, find)
    if (answer) asking.send(answer, port, address)
  })
  const alone = createSocket('udp4').on('message', (query, { port, address }) => {
    const answer = answerTo(query, (name) => find(name) ?? (name.includes('.') ? undefined : []))
    if (answer) alone.send(answer, port, address)
  })
  const subnet = await bind()
  alone.bind(PORT, `${subnet}.54`)
  await once(alone, 'listening')
  let last = 1

  async function bind(tries = 10): Promise<string> {
    const candidate = `127.${randomInt(16, 255)}.${randomInt(1, 255)}`
    asking.bind(PORT, `${candidate}.53`)
    try {
      await once(asking, 'listening')
      return candidate
    } catch (error) {
      if (tries === 0) throw error
      return bind(tries - 1)
    }
  }

  return {
    nameserver(options = []) {
      const dots = options.map((option) => /^ndots:(\d+)$/.exec(option)?.[1]).find((found) => found !== undefined)
      return `${subnet}.${Number(dots ?? 0) > 0 ? 54 : 53}:${PORT}`
    },
    gateway: `${subnet}.1`,
    nextAddress() {
      last += 1
      if (last === 53) throw new Error('there are no more than 51 containers in a test')
      return `${subnet}.${last}`
    },
    join(name, address) {
      names.set(name, [...(names.get(name) ?? []), address])
      return () => {
        const left = names.get(name)?.filter((one) => one !== address) ?? []
        if (left.length > 0) names.set(name, left)
        else names.delete(name)
      }
    },
    addressesOf: (name) => names.get(name) ?? [],
    async close() {
      for (const server of [asking, alone]) {
        server.close()
        await once(server, 'close')
      }
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

/**
 * Answers one question of RFC 1035 for addresses of the fourth version; other types have no answer. Undefined for what is no
 * question, and for names that are not found.
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
  if (!found) return undefined
  const addresses = query.readUInt16BE(at + 1) === A ? found : []

  const header = Buffer.alloc(HEADER)
  query.copy(header, 0, 0, 2)
  header.writeUInt16BE(0x8180, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(addresses.length, 6)
  // 0xc00c: the name as in the question; it may be kept for no time.
  const records = addresses.map((address) =>
    Buffer.from([0xc0, HEADER, 0, A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  )
  return Buffer.concat([header, query.subarray(HEADER, end), ...records])
}

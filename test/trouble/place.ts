import { Buffer } from 'node:buffer'
import { type Place, realPlace } from '../system/place.ts'
import { openTcpProxy, type TcpProxy } from '../tcp-proxy.ts'

export interface TroubledPlace extends Place {
  /** What stands before each part. */
  parts: Record<'kafka' | 'redis' | 'postgres' | 'mongo', TcpProxy>
}

/** A place on the real parts, each of them behind a proxy that can keep it away. */
export async function troubledPlace(): Promise<TroubledPlace> {
  const place = await realPlace()
  const { KAFKA_BROKERS = '', REDIS_URL = '', DATABASE_URL = '', MONGO_URL = '' } = place.env
  const kafka = await beforeKafka(KAFKA_BROKERS.split(',')[0]!)
  const [redis, postgres, mongo] = await Promise.all([REDIS_URL, DATABASE_URL, MONGO_URL].map(before))
  const parts = { kafka, redis: redis!, postgres: postgres!, mongo: mongo! }
  return {
    ...place,
    parts,
    env: {
      ...place.env,
      KAFKA_BROKERS: `127.0.0.1:${kafka.port}`,
      REDIS_URL: through(REDIS_URL, parts.redis),
      DATABASE_URL: through(DATABASE_URL, parts.postgres),
      MONGO_URL: through(MONGO_URL, parts.mongo),
    },
    async remove() {
      await Promise.all(Object.values(parts).map((part) => part.close()))
      await place.remove()
    },
  }
}

function before(url: string): Promise<TcpProxy> {
  const { hostname: host, port } = new URL(url)
  return openTcpProxy({ host, port: Number(port) })
}

function through(url: string, { port }: TcpProxy): string {
  const changed = new URL(url)
  changed.host = `127.0.0.1:${port}`
  return changed.href
}

/** A broker tells its clients where to find it: they are told the proxy instead. */
export function beforeKafka(broker: string): Promise<TcpProxy> {
  const [host = '', port = ''] = broker.split(':')
  const address = (at: number) => Buffer.concat([Buffer.from(host), int32(at)])
  const told = address(Number(port))
  return openTcpProxy(
    { host, port: Number(port) },
    {
      answer(chunk, proxy) {
        for (let at = chunk.indexOf(told); at !== -1; at = chunk.indexOf(told, at + 1)) address(proxy).copy(chunk, at)
        return chunk
      },
    },
  )
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

import type { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between a client and a server on loopback, and misbehaves as told. */
export interface TcpProxy {
  port: number
  /** Accepts, but passes nothing on in either direction, until `resume`: a server that hangs. */
  hang(): void
  resume(): void
  /** Passes nothing on any more on the connections open now, which stay open; new ones are served. */
  freeze(): void
  /** Destroys all connections; new ones are served. */
  cut(): void
  /** Destroys all connections and takes no new ones, until `appear`: a server that is gone. */
  vanish(): Promise<void>
  appear(): Promise<void>
  /** Judges what clients send: passed on; or passed on, and the connection destroyed instead of the answer. */
  inspect(judge: (chunk: Buffer) => 'pass' | 'drop the answer'): void
  /** Connections open now; while it hangs, also those whose client has gone. */
  readonly connections: number
  close(): Promise<void>
}

export interface TcpProxyOptions {
  /** What clients are told instead of what the server answers: of the same length. */
  answer?: (chunk: Buffer, port: number) => Buffer
}

/** @param target the server; without one, the proxy is a server that accepts and never answers */
export async function openTcpProxy(
  target?: { host: string; port: number },
  { answer = (chunk) => chunk }: TcpProxyOptions = {},
): Promise<TcpProxy> {
  const pairs = new Map<Socket, Socket | undefined>()
  let hanging = target === undefined
  let judge: (chunk: Buffer) => 'pass' | 'drop the answer' = () => 'pass'

  const server = createServer((client) => {
    const upstream = target && connect(target.port, target.host)
    pairs.set(client, upstream)
    const end = () => {
      pairs.delete(client)
      client.destroy()
      upstream?.destroy()
    }
    for (const socket of [client, upstream]) socket?.on('error', end).on('close', end)
    if (!upstream) return void client.resume()
    let answering = true
    client.on('data', (chunk: Buffer) => {
      if (judge(chunk) === 'drop the answer') answering = false
      upstream.write(chunk)
    })
    upstream.on('data', (chunk: Buffer) => (answering ? client.write(answer(chunk, port)) : end()))
    if (hanging) pause(client, upstream)
  })
  const listen = async (on: number) => {
    server.listen(on, '127.0.0.1')
    await once(server, 'listening')
  }
  const cut = () => {
    for (const client of pairs.keys()) client.destroy()
  }
  const vanish = async () => {
    const gone = server.listening ? once(server.close(), 'close') : undefined
    cut()
    await gone
  }
  await listen(0)
  const { port } = server.address() as AddressInfo

  return {
    port,
    hang() {
      hanging = true
      for (const [client, upstream] of pairs) pause(client, upstream)
    },
    resume() {
      hanging = false
      for (const [client, upstream] of pairs) {
        client.resume()
        upstream?.resume()
      }
    },
    freeze() {
      for (const [client, upstream] of pairs) pause(client, upstream)
    },
    cut,
    vanish,
    appear: () => listen(port),
    inspect(by) {
      judge = by
    },
    get connections() {
      return pairs.size
    },
    close: vanish,
  }
}

function pause(client: Socket, upstream: Socket | undefined) {
  client.pause()
  upstream?.pause()
}

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Network } from '../containers/network.ts'

/** A request as an instance gets it. */
export interface Received {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

/** Stands for an instance of a service: what it gets is kept, what it answers is the test's. */
export interface Upstream {
  received: Received[]
}

export type Answer = (response: ServerResponse, received: Received) => void

export interface Upstreams {
  /** One that listens at an address of its own, under the name of a service. */
  open(service: string, answer?: Answer): Promise<Upstream>
  /** An address under that name where nobody listens. */
  nobody(service: string): void
  close(): Promise<void>
}

export function createUpstreams(network: Network): Upstreams {
  const servers: Server[] = []
  const leaving: (() => void)[] = []

  return {
    async open(service, answer = (response) => response.end(service)) {
      const received: Received[] = []
      const server = createServer(async (incoming, response) => {
        const { method = '', url = '', headers } = incoming
        const got = { method, url, headers, body: (await buffer(incoming)).toString() }
        received.push(got)
        answer(response, got)
      })
      const address = network.nextAddress()
      server.listen(8000, address)
      await once(server, 'listening')
      servers.push(server)
      leaving.push(network.join(service, address))
      return { received }
    },
    nobody(service) {
      leaving.push(network.join(service, network.nextAddress()))
    },
    async close() {
      for (const leave of leaving.splice(0)) leave()
      for (const server of servers.splice(0)) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}

import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Procedure } from '../../platform/contract/contract.ts'
import { contracts, type ServiceName } from '../../services/catalog.ts'

export interface Gateway {
  url: string
  close(): Promise<void>
}

/** One address for services that run apart, by the first segment of a path, as any reverse proxy would have it. */
export async function openGateway(services: Readonly<Record<ServiceName, string>>): Promise<Gateway> {
  const bySegment = new Map(
    Object.entries<Record<string, Procedure>>(contracts).flatMap(([service, contract]) =>
      Object.values(contract).flatMap(({ rest }) => (rest ? [[rest.split('/')[1]!, service] as const] : [])),
    ),
  )
  const serviceOf = (path: string): string => {
    const [, first = '', second = ''] = path.split(/[/?]/)
    const service = first === 'trpc' ? second.split('.', 1)[0]! : bySegment.get(first)
    return services[service as ServiceName] ?? services.users // operations and documents are everybody's
  }

  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = '/' } = incoming
    const upstream = request(serviceOf(url) + url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    upstream.on('error', () => outgoing.destroy())
    incoming.pipe(upstream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Liar {
  url: string
  close(): Promise<void>
}

/** A server that passes everything on, and answers some of it otherwise. @param lie given the procedure and the true JSON */
export async function openLiar(truth: string, lie: (procedure: string, body: string) => string): Promise<Liar> {
  const server = createServer((incoming, outgoing) => pass(truth, incoming, outgoing, lie))
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

function pass(truth: string, incoming: IncomingMessage, outgoing: ServerResponse, lie: Parameters<typeof openLiar>[1]) {
  const { method, headers, url = '/' } = incoming
  const upstream = request(truth + url, { method, headers }, async (answer) => {
    let body = ''
    for await (const chunk of answer.setEncoding('utf8')) body += chunk
    const { 'content-length': _, ...rest } = answer.headers
    outgoing.writeHead(answer.statusCode ?? 502, rest)
    outgoing.end(lie(url.split(/[/?]/)[2] ?? '', body))
  })
  upstream.on('error', () => outgoing.destroy())
  incoming.pipe(upstream)
}

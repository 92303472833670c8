import { randomUUID } from 'node:crypto'
import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http'
import { type AddressInfo, Server as NetServer } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Failure } from '../../errors/failure.ts'
import { PROBLEM_TYPE, problemOf } from '../../errors/problem.ts'
import { resolve } from '../../errors/resolve.ts'
import type { Served, ServeOptions, Server } from '../server.ts'
import { KEEP_ALIVE_MS, urlOf } from './listening.ts'

/** How long a quiet connection is kept once the server stops: a request may be on its way. */
const QUIET_MS = 250

export async function serveNode(app: Served, { host, port, logger, drainMs }: ServeOptions): Promise<Server> {
  const open = new Set<ServerResponse>()
  let draining = false
  const answer = getRequestListener(
    (request, { incoming }) => app.fetch(request, { address: incoming.socket.remoteAddress ?? '' }),
    { hostname: 'localhost', errorHandler: unreadable },
  )
  const server = createServer({ maxHeaderSize: 32 * 1024, keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    open.add(outgoing)
    outgoing.once('close', () => open.delete(outgoing))
    if (draining) outgoing.setHeader('connection', 'close')
    void answer(incoming, outgoing)
  })
  server.maxHeadersCount = 0 // bounded by their size: a gateway that let them through must not be cut off for their number
  const ended = new Promise<void>((done) => server.once('close', done))
  await listening(server, host, port)
  server.on('error', (error) => logger.error({ err: error }, 'the HTTP server failed'))

  return {
    url: urlOf(host, (server.address() as AddressInfo).port),
    drain() {
      if (!draining) drain()
      return ended
    },
    close() {
      server.close()
      server.closeAllConnections()
      return ended
    },
  }

  function drain(): void {
    draining = true
    app.endStreams()
    for (const outgoing of open) if (!outgoing.headersSent) outgoing.setHeader('connection', 'close')
    // The close of http would cut off whoever is quiet at this very moment; that of net only stops listening.
    NetServer.prototype.close.call(server)
    const quiet = setInterval(() => server.closeIdleConnections(), QUIET_MS)
    const late = setTimeout(() => {
      logger.warn({ requests: open.size }, 'requests were cut off: they took longer than a graceful stop waits')
      server.closeAllConnections()
    }, drainMs)
    void ended.then(() => {
      clearInterval(quiet)
      clearTimeout(late)
      server.close()
    })
  }
}

/** The answer to a request of which not even a URL can be made. */
function unreadable(): Response {
  const problem = problemOf(resolve(new Failure('input.malformed')), randomUUID())
  return Response.json(problem, { status: problem.status, headers: { 'content-type': PROBLEM_TYPE } })
}

const listening = (server: HttpServer, host: string, port: number): Promise<void> =>
  new Promise((done, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      done()
    })
  })

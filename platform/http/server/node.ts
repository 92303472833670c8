import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, Server as NetServer } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Failure } from '../../errors/failure.ts'
import { refuse } from '../../errors/refusal.ts'
import type { Served, ServeOptions, Server } from '../server.ts'
import { KEEP_ALIVE_MS, urlOf } from './listening.ts'
import { answerUnparsed, MAX_HEAD } from './unparsed.ts'

/** How long a quiet connection is kept once the server stops: a request may be on its way. */
const QUIET_MS = 250

export async function serveNode(app: Served, { host, port, logger, drainMs }: ServeOptions): Promise<Server> {
  const open = new Set<ServerResponse>()
  let draining = false
  const answer = getRequestListener(
    (request, { incoming }) =>
      lacksHost(incoming as IncomingMessage)
        ? app.unreadable(refuse(malformed('The header Host is missing.'), undefined))
        : app.fetch(request, { address: incoming.socket.remoteAddress ?? '' }),
    {
      hostname: 'localhost',
      errorHandler: () => app.unreadable(refuse(malformed('The path and the header Host make no URL.'), undefined)),
    },
  )
  // Without Host Node itself would answer, and say nothing.
  const options = { maxHeaderSize: MAX_HEAD, keepAliveTimeout: KEEP_ALIVE_MS, requireHostHeader: false }
  const server = createServer(options, (incoming, outgoing) => {
    open.add(outgoing)
    outgoing.once('close', () => open.delete(outgoing))
    if (draining) outgoing.setHeader('connection', 'close')
    void answer(incoming, outgoing)
  })
  server.maxHeadersCount = 0 // bounded by their size: a gateway that let them through must not be cut off for their number
  answerUnparsed(server, open, (refusal) => app.unreadable(refusal))
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
    // Behind a poll: what came while the process stood still is read before its connection counts as quiet.
    const quiet = setInterval(() => setImmediate(() => server.closeIdleConnections()), QUIET_MS)
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

const malformed = (detail: string) => new Failure('input.malformed', detail)

/** RFC 9112, 3.2: HTTP/1.0 needs none. */
const lacksHost = ({ headers, httpVersion }: IncomingMessage): boolean =>
  headers.host === undefined && httpVersion === '1.1'

const listening = (server: HttpServer, host: string, port: number): Promise<void> =>
  new Promise((done, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      done()
    })
  })

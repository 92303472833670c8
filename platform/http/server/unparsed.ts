import { type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Failure } from '../../errors/failure.ts'
import { type Refusal, refuse, refuseAs } from '../../errors/refusal.ts'

/** Bytes of a request's line and headers together. */
export const MAX_HEAD = 32 * 1024

/** How long what still comes is read and thrown away: whoever is cut off while sending may never read the answer. */
const LINGER_MS = 1000

/**
 * Answers what Node cannot parse like everything else, in place of a status and nothing more. One answer for a connection,
 * which then ends; none where one is on its way already.
 * @param open the responses that are not complete yet
 */
export function answerUnparsed(
  server: Server,
  open: Set<ServerResponse>,
  unreadable: (refusal: Refusal) => Response,
): void {
  const refused = new WeakSet<Duplex>()

  server.on('clientError', (error: ParseError, socket) => {
    if (refused.has(socket)) return // the rest of what was refused
    refused.add(socket)
    const owed = [...open].filter(({ req }) => req.socket === socket)
    if (!socket.writable || owed.some(isOn)) return void socket.destroy()
    for (const outgoing of owed) {
      outgoing.detachSocket(socket as Socket) // its request has no end: this is the answer to it
      open.delete(outgoing)
    }
    endAfter(socket, LINGER_MS)
    textOf(unreadable(refusalOf(error))).then(
      (text) => socket.end(text),
      () => socket.destroy(),
    )
  })
}

interface ParseError extends Error {
  code?: string
  /** A sentence without its full stop. */
  reason?: string
}

/** Begun, or bound to come: its request was complete, and what is wrong comes after it. */
const isOn = ({ req, headersSent }: ServerResponse): boolean => headersSent || req.complete

function refusalOf({ code, reason }: ParseError): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return refuseAs(431, new Failure('input.too_large', `A URL and headers have at most ${MAX_HEAD} bytes together.`))
  }
  return refuse(failureOf(code, reason), undefined)
}

function failureOf(code: string | undefined, reason: string | undefined): Failure {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Failure('input.timeout')
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return new Failure('input.too_large', 'The chunks say too much.')
  return new Failure('input.malformed', reason && `This is not HTTP/1.1: ${reason}.`)
}

function endAfter(socket: Duplex, ms: number): void {
  const timer = setTimeout(() => socket.destroy(), ms)
  socket.once('close', () => clearTimeout(timer))
}

async function textOf(response: Response): Promise<string> {
  const body = await response.text()
  const headers = [...response.headers, ['content-length', String(new TextEncoder().encode(body).length)]]
  const lines = [...headers, ['connection', 'close']].map(([name, value]) => `${name}: ${value}`)
  return `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}

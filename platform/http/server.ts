import type { Logger } from 'pino'
import type { Refusal } from '../errors/refusal.ts'
import type { Connection } from './context.ts'
import { deno, serveDeno } from './server/deno.ts'
import { unlistenable } from './server/listening.ts'
import { serveNode } from './server/node.ts'

/** All that a server needs of an application. */
export interface Served {
  fetch(request: Request, connection: Connection): Promise<Response>
  /** The answer to what cannot be made a Request of. */
  unreadable(refusal: Refusal): Response
  endStreams(): void
}

export interface ServeOptions {
  host: string
  /** 0 for any that is free. */
  port: number
  logger: Logger
  /** How long a graceful stop waits for what is under way. */
  drainMs: number
}

export interface Server {
  /** `http://localhost:8000` */
  url: string
  /**
   * The graceful stop: takes no new connections, answers what is under way (on Node also what still comes on connections
   * that are open), ends streams, closes each connection when it is quiet. Resolves when that is done, or after
   * `drainMs`. Idempotent.
   */
  drain(): Promise<void>
  /** Ends it at once, whatever is under way. Idempotent. */
  close(): Promise<void>
}

/** Serves an application over HTTP/1.1 on the runtime that this runs on. @throws Error that says what to do */
export async function serve(app: Served, options: ServeOptions): Promise<Server> {
  try {
    return await (deno ? serveDeno(deno, app, options) : serveNode(app, options))
  } catch (error) {
    throw unlistenable(error, options.host, options.port)
  }
}

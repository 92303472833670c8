import { within } from '../../waiting.ts'
import type { Served, ServeOptions, Server } from '../server.ts'
import { urlOf } from './listening.ts'

/** As much of Deno as is used here: the types of its own are not those that the project is checked with. */
interface Deno {
  serve(
    options: { hostname: string; port: number; signal: AbortSignal; onListen(): void },
    handler: (request: Request, info: { remoteAddr: { hostname: string } }) => Promise<Response>,
  ): { addr: { port: number }; finished: Promise<void>; shutdown(): Promise<void> }
}

/** Undefined on any other runtime. */
export const deno = (globalThis as unknown as { Deno?: Deno }).Deno

export async function serveDeno(
  runtime: Deno,
  app: Served,
  { host, port, logger, drainMs }: ServeOptions,
): Promise<Server> {
  const cut = new AbortController()
  const server = runtime.serve({ hostname: host, port, signal: cut.signal, onListen() {} }, (request, { remoteAddr }) =>
    app.fetch(request, { address: remoteAddr.hostname }),
  )
  let drained: Promise<unknown> | undefined

  return {
    url: urlOf(host, server.addr.port),
    async drain() {
      drained ??= drain()
      await drained
    },
    async close() {
      // A server of Deno's that is stopping cannot be aborted; what is left of it ends with the process.
      if (drained) return
      drained = server.finished
      cut.abort()
      await drained
    },
  }

  async function drain(): Promise<void> {
    app.endStreams()
    const done = await within(
      server.shutdown().then(() => true),
      drainMs,
    )
    if (!done) logger.warn('requests took longer than a graceful stop waits')
  }
}

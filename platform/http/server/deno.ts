import type { Served, ServeOptions, Server } from '../server.ts'
import { DRAIN_MS, urlOf } from './listening.ts'

/** As much of Deno as is used here: the types of its own are not those that the project is checked with. */
interface Deno {
  serve(
    options: { hostname: string; port: number; signal: AbortSignal; onListen(): void },
    handler: (request: Request, info: { remoteAddr: { hostname: string } }) => Promise<Response>,
  ): { addr: { port: number }; finished: Promise<void>; shutdown(): Promise<void> }
}

/** Undefined on any other runtime. */
export const deno = (globalThis as unknown as { Deno?: Deno }).Deno

export async function serveDeno(runtime: Deno, app: Served, { host, port, logger }: ServeOptions): Promise<Server> {
  const cut = new AbortController()
  const server = runtime.serve({ hostname: host, port, signal: cut.signal, onListen() {} }, (request, { remoteAddr }) =>
    app.fetch(request, { address: remoteAddr.hostname }),
  )
  let drained: Promise<void> | undefined
  let ended = false
  void server.finished.then(() => {
    ended = true
  })

  return {
    url: urlOf(host, server.addr.port),
    drain() {
      drained ??= drain()
      return drained
    },
    async close() {
      if (!ended) cut.abort()
      await server.finished
    },
  }

  async function drain(): Promise<void> {
    app.endStreams()
    const late = setTimeout(() => {
      logger.warn('requests were cut off: they took longer than a graceful stop waits')
      cut.abort()
    }, DRAIN_MS)
    await server.shutdown()
    await server.finished
    clearTimeout(late)
  }
}

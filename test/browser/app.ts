import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { proxy } from 'hono/proxy'

/** Somebody's application: a page with one script, at an origin of its own. */
export interface App {
  origin: string
  close(): Promise<void>
}

const page = '<!doctype html><link rel="icon" href="data:,"><script src="/app.js"></script>'
const policy = "default-src 'self'; connect-src http://127.0.0.1:*; img-src data:"

/** @param behind where everything that is not the page is forwarded to, as a gateway does */
export async function openApp(script: string, behind?: () => string): Promise<App> {
  const app = new Hono()
  app.get('/app', ({ html }) => html(page, 200, { 'content-security-policy': policy }))
  app.get('/app.js', ({ body }) => body(script, 200, { 'content-type': 'text/javascript' }))
  if (behind) {
    app.all('*', ({ req }) => {
      const { pathname, search } = new URL(req.url)
      return proxy(behind() + pathname + search, req)
    })
  }
  const server: ServerType = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}

import pino from 'pino'
import type { Entity } from '../../commands/command.ts'
import { Failure } from '../../errors/failure.ts'
import { openApiDocument } from '../../openapi/document.ts'
import type { Service } from '../../service.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { type App, type AppParts, createApp } from '../app.ts'
import type { Verifier } from '../context.ts'
import { createRequestMetrics } from '../metrics.ts'
import { createBooks } from './service.testing.ts'

/** Tokens are names; `expired` is one that was good once. */
export const verifier: Verifier = {
  async verify(bearer) {
    if (bearer === 'expired') throw new Failure('auth.expired')
    if (!/^[a-z]+$/.test(bearer)) throw new Failure('auth.invalid')
    return { id: bearer, role: 'member', session: `session of ${bearer}` }
  },
  jwks: () => ({ keys: [{ kid: 'k1' }] }),
}

export const dune = { id: 'b1', version: 3, title: 'Dune', pages: 412, authorId: 'a1', createdAt: '', updatedAt: '' }

export const partsOf = (services: readonly Service[]): AppParts => ({
  services,
  verifier,
  health: { serving: () => true, leaving: () => false, missing: async () => ({}) },
  metrics: createRequestMetrics(createMetrics('test')),
  logger: pino({ enabled: false }),
  document: openApiDocument({ services, info: { title: 'Books', version: '1.0.0' } }),
})

export interface TestApp extends App {
  /** As Ann, unless the headers say otherwise. */
  get(path: string, headers?: Record<string, string>): Promise<Response>
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
}

/** An application with the books service and one book in it. */
export function bookApp(parts: Partial<AppParts> = {}, entities = new Map<string, Entity>([['b1', dune]])): TestApp {
  const app = createApp({ ...partsOf(parts.services ?? [createBooks(entities)]), ...parts })
  const call = (method: string, path: string, body: BodyInit | undefined, headers: Record<string, string>) =>
    app.fetch(
      new Request(`http://localhost${path}`, { method, body, headers: { authorization: 'Bearer ann', ...headers } }),
      {
        address: '192.0.2.1',
      },
    )
  return {
    ...app,
    get: (path, headers = {}) => call('GET', path, undefined, headers),
    send: (method, path, body, headers = {}) => {
      const isText = typeof body === 'string' || body === undefined
      const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
      return call(method, path, isText ? body : JSON.stringify(body), { ...type, ...headers })
    },
  }
}

import { ASSETS, type Docs } from './docs.ts'
import { type Health, livez, readyz } from './health.ts'
import type { RequestMetrics } from './metrics.ts'
import { jsonReply, type Reply } from './reply.ts'

type Page = (request: Request) => Reply | Promise<Reply>

/** What is served beside the two faces, by path, to GET. */
export type Pages = ReadonlyMap<string, Page>

export const createHealthPages = (health: Health, metrics: RequestMetrics): Pages =>
  new Map<string, Page>([
    ['/livez', livez],
    ['/readyz', () => readyz(health)],
    ['/metrics', () => metrics.page()],
  ])

/** @param keys the public keys that tokens are verified with (RFC 7517) */
export const createDocPages = (docs: Docs, keys: () => object): Pages =>
  new Map<string, Page>([
    ['/.well-known/jwks.json', () => jsonReply(keys(), 200, { 'cache-control': 'max-age=300' })],
    ['/', () => ({ status: 302, headers: { location: '/docs' }, body: null })],
    ['/openapi.json', (request) => docs.document(request)],
    ['/docs', () => docs.page()],
    ['/docs/errors', () => docs.errors()],
    ['/docs/start.js', () => docs.start()],
    ['/docs/style.css', () => docs.style()],
    ...ASSETS.map((name): [string, Page] => [`/docs/${name}`, () => docs.asset(name)]),
  ])

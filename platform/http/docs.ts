import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OpenApiDocument } from '../openapi/document.ts'
import { matches } from '../openapi/etag.ts'
import { errorsPage, START, STYLE, uiPage } from './docs-pages.ts'
import type { Reply } from './reply.ts'

/** Swagger UI needs scripts, styles and its own API, all from here; nothing from anywhere else. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const HTML = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CSP }

/** The files of Swagger UI that the page needs. */
export const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const

const TYPES = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}

export interface Docs {
  page(): Reply
  start(): Reply
  style(): Reply
  asset(name: (typeof ASSETS)[number]): Promise<Reply>
  errors(): Reply
  document(request: Request): Reply
}

/** Swagger UI over the document, from the files of its package, and a page that explains the codes. */
export function createDocs(document: OpenApiDocument): Docs {
  const text = JSON.stringify(document)
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  const errorPage = errorsPage(document)
  const read = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()

  return {
    page: () => ({ status: 200, headers: HTML, body: uiPage(document.info.title) }),
    start: () => ({ status: 200, headers: { 'content-type': TYPES['swagger-ui-bundle.js'] }, body: START }),
    style: () => ({ status: 200, headers: { 'content-type': TYPES['swagger-ui.css'] }, body: STYLE }),
    errors: () => ({ status: 200, headers: HTML, body: errorPage }),
    document({ headers }) {
      const shared = { etag, 'cache-control': 'no-cache' }
      if (matches(headers.get('if-none-match') ?? '', etag)) return { status: 304, headers: shared, body: null }
      return { status: 200, headers: { 'content-type': 'application/json', ...shared }, body: text }
    },
    async asset(name) {
      const file = read.get(name) ?? readAsset(name)
      read.set(name, file)
      return {
        status: 200,
        headers: { 'content-type': TYPES[name], 'cache-control': 'max-age=3600' },
        body: await file,
      }
    },
  }
}

/** The package itself knows where it is, also where there is no node_modules. */
async function readAsset(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const { default: absolutePath } = await import('swagger-ui-dist/absolute-path.js')
  return new Uint8Array(await readFile(join(absolutePath(), name)))
}

import { Failure } from '../errors/failure.ts'
import { within } from '../waiting.ts'

/** Where a procedure does not say otherwise. */
export const BODY_LIMIT = 64 * 1024

/** How long a body may take to arrive, whatever is done with it then. */
export const BODY_MS = 10_000

/**
 * The body as text, at most so many bytes of it: one that says it is larger is not read, one that does not say is
 * counted as it comes.
 * @throws Failure `input.too_large`, `input.malformed`, `input.timeout`
 */
export async function readBody(request: Request, limit = BODY_LIMIT): Promise<string> {
  const length = request.headers.get('content-length')
  if (length !== null && Number(length) > limit) throw tooLarge(limit)
  if (length !== null) return decode(await inTime(whole(request)), limit)
  return request.body ? decode(await inTime(counted(request.body, limit)), limit) : ''
}

async function inTime(body: Promise<Uint8Array>): Promise<Uint8Array> {
  const bytes = await within(body, BODY_MS)
  if (!bytes) throw new Failure('input.timeout', `A body has ${BODY_MS / 1000} seconds to arrive.`)
  return bytes
}

export const tooLarge = (limit: number): Failure =>
  new Failure('input.too_large', `At most ${limit} bytes are taken here.`)

/** With a length the server itself reads no further, and without a stream it is quicker. */
async function whole(request: Request): Promise<Uint8Array> {
  return new Uint8Array(await request.arrayBuffer().catch(broken))
}

async function counted(body: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read().catch(broken)
    if (done) return joined(chunks, size)
    size += value.length
    if (size > limit) {
      void reader.cancel().catch(() => undefined)
      throw tooLarge(limit)
    }
    chunks.push(value)
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function decode(bytes: Uint8Array, limit: number): string {
  if (bytes.length > limit) throw tooLarge(limit)
  try {
    return UTF8.decode(bytes)
  } catch {
    throw new Failure('input.malformed', 'The body is not UTF-8.')
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

const broken = (cause: unknown): never => {
  throw new Failure('input.malformed', 'The body ended before it was complete.', { cause })
}

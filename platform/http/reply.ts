/** An answer before it is a Response: with plain headers, which a bridge writes to the socket without copying them. */
export interface Reply {
  status: number
  /** Names in lower case. */
  headers: Record<string, string>
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null
}

export const JSON_TYPE = 'application/json'

export function jsonReply(value: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(value) }
}

/** tRPC's answers: streams stay streams, everything else is text. */
export async function replyOf(response: Response): Promise<Reply> {
  const { 'transfer-encoding': chunked, connection: _, ...headers } = Object.fromEntries(response.headers)
  const isStream = chunked !== undefined || headers['content-type']?.startsWith('text/event-stream')
  return { status: response.status, headers, body: isStream ? response.body : (await response.text()) || null }
}

export const responseOf = ({ status, headers, body }: Reply): Response => new Response(body, { status, headers })

/** The answer to HEAD: everything but the body. */
export function withoutBody(reply: Reply): Reply {
  const { body } = reply
  if (body instanceof ReadableStream) void body.cancel()
  const length =
    typeof body === 'string' ? new TextEncoder().encode(body).length : body instanceof Uint8Array ? body.length : 0
  return {
    ...reply,
    headers: length > 0 ? { ...reply.headers, 'content-length': String(length) } : reply.headers,
    body: null,
  }
}

import { Failure } from '../errors/failure.ts'
import { readBody } from '../http/body.ts'
import { mediaTypeOf } from '../http/media-type.ts'
import { coercionOf } from './coerce.ts'
import { placesOf, takesBody } from './places.ts'
import type { Route } from './routes.ts'
import { parseTexts, type Texts, textsOf } from './texts.ts'

type Input = Record<string, unknown>

/** The raw input of a call: assembled from path, query and body, checked by nobody yet. */
export type Assemble = (request: Request, params: readonly string[], query: string) => Promise<Input>

/** How a route's input is put together; all that can be known of it is worked out here, once. */
export function assemblyOf({ spec, method, name }: Route): Assemble {
  const places = placesOf(spec)
  const coerce = new Map(Object.entries(spec.input.shape).map(([field, schema]) => [field, coercionOf(schema)]))
  const fieldOf = (key: string) => (spec.aliases && Object.hasOwn(spec.aliases, key) ? spec.aliases[key]! : key)
  for (const field of [...Object.values(spec.aliases ?? {}), ...places.path]) {
    if (!coerce.has(field)) throw new Error(`${name}: ${field} is not a field of its input`)
  }

  return async (request, params, query) => {
    const input: Input = Object.create(null)
    params.forEach((text, index) => {
      putText(input, places.path[index]!, textsOf(text))
    })
    for (const [key, texts] of query === '' ? [] : parseTexts(query)) {
      if (!places.query.includes(fieldOf(key))) throw misplaced(key, 'There is no such query parameter.')
      putText(input, key, texts)
    }
    if (takesBody(places, method)) await putBody(input, request)
    else if (hasBody(request)) throw new Failure('input.malformed', `${method} takes no body here.`)
    return input
  }

  async function putBody(input: Input, request: Request): Promise<void> {
    const text = await readBody(request, spec.bodyLimit)
    if (text === '') return
    if (spec.form) {
      assertType(request, isForm, 'application/x-www-form-urlencoded')
      for (const [key, texts] of parseTexts(text)) putText(input, key, texts)
      return
    }
    assertType(request, isJson, 'application/json')
    const body = parseJson(text)
    if (places.whole !== undefined) return put(input, places.whole, body)
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw misplaced([], 'A JSON object is expected.')
    for (const [key, value] of Object.entries(body)) put(input, key, value)
  }

  function putText(input: Input, key: string, texts: Texts): void {
    put(input, key, coerce.get(fieldOf(key))?.(texts) ?? texts.values)
  }

  /** The same field may come by two ways or names, if they agree. */
  function put(input: Input, key: string, value: unknown): void {
    const field = fieldOf(key)
    if (field in input && input[field] !== value) {
      throw misplaced(key, 'It is given twice, and differently.')
    }
    input[field] = value
  }
}

const misplaced = (key: string | [], message: string): Failure =>
  new Failure('input.invalid', undefined, { extra: { issues: [{ path: [key].flat(), message }] } })

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Failure('input.malformed', 'The body is not JSON.')
  }
}

const hasBody = ({ headers }: Request): boolean =>
  (headers.get('content-length') ?? '0') !== '0' || headers.has('transfer-encoding')

const isJson = (type: string): boolean => /^application\/(?:[\w.+-]+\+)?json$/.test(type)
const isForm = (type: string): boolean => type === 'application/x-www-form-urlencoded'

function assertType({ headers }: Request, fits: (type: string) => boolean, expected: string): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(headers.get('content-type') ?? '')?.[1] ?? 'utf-8'
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (fits(mediaTypeOf(headers)) && /^utf-?8$/i.test(charset) && encoding === 'identity') return
  throw new Failure('input.media_type', `Send ${expected} in UTF-8, not encoded.`)
}

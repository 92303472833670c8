import { Failure } from '../errors/failure.ts'
import { readBody } from '../http/body.ts'
import { demandType } from '../http/media-type.ts'
import { coercionOf } from './coerce.ts'
import { placesOf, takesBody } from './places.ts'
import type { Route } from './routes.ts'
import { parseTexts, type Texts, textsOf } from './texts.ts'
import type { Whereabouts } from './whereabouts.ts'

type Input = Record<string, unknown>

/** The raw input of a call, checked by nobody yet, and where its fields stood. */
interface Assembled {
  input: Input
  whereabouts: Whereabouts
}

export type Assemble = (request: Request, params: readonly string[], query: string) => Promise<Assembled>

/** How a route's input is put together; all that can be known of it is worked out here, once. */
export function assemblyOf({ spec, method, name }: Route): Assemble {
  const places = placesOf(spec)
  const coerce = new Map(Object.entries(spec.input.shape).map(([field, schema]) => [field, coercionOf(schema)]))
  const fieldOf = (key: string) => (spec.aliases && Object.hasOwn(spec.aliases, key) ? spec.aliases[key]! : key)
  for (const field of [...Object.values(spec.aliases ?? {}), ...places.path]) {
    if (!coerce.has(field)) throw new Error(`${name}: ${field} is not a field of its input`)
  }

  return async (request, params, query) => {
    const assembled: Assembled = { input: Object.create(null), whereabouts: new Map() }
    if (places.whole !== undefined) assembled.whereabouts.set(places.whole, [])
    params.forEach((text, index) => {
      putText(assembled, places.path[index]!, textsOf(text))
    })
    for (const [key, texts] of query === '' ? [] : parseTexts(query)) {
      if (!places.query.includes(fieldOf(key))) throw misplaced(key, 'There is no such query parameter.')
      putText(assembled, key, texts)
    }
    if (takesBody(places, method)) await putBody(assembled, request)
    else if (hasBody(request)) throw new Failure('input.malformed', `${method} takes no body here.`)
    return assembled
  }

  async function putBody(assembled: Assembled, request: Request): Promise<void> {
    const text = await readBody(request, spec.bodyLimit)
    if (text === '') return
    if (spec.form) {
      demandType(request.headers, isForm, 'application/x-www-form-urlencoded')
      for (const [key, texts] of parseTexts(text)) if (isMeant(key, texts)) putText(assembled, key, texts)
      return
    }
    demandType(request.headers, isJson, 'application/json')
    const body = parseJson(text)
    if (places.whole !== undefined) return put(assembled, places.whole, body)
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw misplaced([], 'A JSON object is expected.')
    for (const [key, value] of Object.entries(body)) put(assembled, key, value)
  }

  /** In a form, as OAuth2 has it (RFC 6749, 3.2): what is unknown is passed over, and what is empty is not given. */
  function isMeant(key: string, { values, members }: Texts): boolean {
    return coerce.has(fieldOf(key)) && (members.size > 0 || values.some((value) => value !== ''))
  }

  function putText(assembled: Assembled, key: string, texts: Texts): void {
    const read = coerce.get(fieldOf(key))
    put(assembled, key, read ? read(texts) : texts.values)
  }

  /** The same field may come by two ways or names, if they agree. */
  function put({ input, whereabouts }: Assembled, key: string, value: unknown): void {
    const field = fieldOf(key)
    if (field in input && input[field] !== value) {
      throw misplaced(key, 'It is given twice, and differently.')
    }
    input[field] = value
    if (key !== field) whereabouts.set(field, [key])
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

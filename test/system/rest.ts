import type { Procedure } from '../../platform/contract/contract.ts'
import { methodOf, placesOf, templateOf } from '../../platform/openapi/places.ts'
import { contracts } from '../../services/catalog.ts'
import type { Caller } from './client.ts'

/** An answer over HTTP, read to its end. */
export interface Answer<Body = unknown> {
  status: number
  headers: Headers
  /** The JSON; text where it is none, undefined where there is nothing. */
  body: Body
}

export interface Asked {
  headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is. */
  raw?: BodyInit
}

/** One request as a person at a terminal would send it. */
export async function ask<Body = unknown>(
  { url, token }: Caller,
  method: string,
  path: string,
  { headers, body, raw }: Asked = {},
): Promise<Answer<Body>> {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent !== undefined && { body: sent, duplex: 'half' }),
  } as RequestInit)
  const text = await response.text()
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
  const read = text === '' ? undefined : isJson ? JSON.parse(text) : text
  return { status: response.status, headers: response.headers, body: read as Body }
}

type Input = Readonly<Record<string, unknown>>

/** A procedure over REST, by its contract alone. */
export function callRest(
  caller: Caller,
  name: string,
  spec: Procedure,
  input: Input,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const other = elsewhere[name]
  return other ? send(caller, other.spec, { id: input[other.field] }, headers) : send(caller, spec, input, headers)
}

/** What has a procedure of its own over tRPC alone is found by `byId` over REST, which takes every spelling. */
const elsewhere: Readonly<Record<string, { spec: Procedure; field: string }>> = {
  'users.byUsername': { spec: contracts.users.byId, field: 'username' },
  'projects.byName': { spec: contracts.projects.byId, field: 'name' },
  'projects.byKey': { spec: contracts.projects.byId, field: 'key' },
  'tasks.byCode': { spec: contracts.tasks.byId, field: 'code' },
}

function send(
  caller: Caller,
  spec: Procedure,
  input: Input,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  if (!spec.rest) throw new Error(`${spec.summary}: not served over REST`)
  const places = placesOf(spec)
  const pick = (fields: readonly string[]) =>
    Object.fromEntries(fields.filter((field) => input[field] !== undefined).map((field) => [field, input[field]]))
  const path = templateOf(spec.rest).replace(/\{(\w+)\}/g, (_, field) => encodeURIComponent(String(input[field])))
  const query = textOf(pick(places.query))
  return ask(caller, methodOf(spec.rest), query === '' ? path : `${path}?${query}`, { headers, ...bodyOf() })

  function bodyOf(): Asked {
    if (places.whole !== undefined) return { body: input[places.whole] }
    const members = pick(places.body)
    if (spec.form) return { raw: new URLSearchParams(textOf(members)) }
    return Object.keys(members).length > 0 ? { body: members } : {}
  }
}

/** Lists as repeated keys. */
function textOf(fields: Input): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]))
  return new URLSearchParams(pairs).toString()
}

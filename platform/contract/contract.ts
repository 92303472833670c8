import type { z } from 'zod'

/**
 * A service's contract: its procedures as others see them. Pure data, no server code, so that clients import it at run
 * time too. `implement` makes tRPC procedures of it; the REST routes and the OpenAPI document are made of all.
 */
export interface Procedure {
  /** A subscription answers a stream, over REST as server-sent events; `output` is then one element of it. */
  kind: 'query' | 'mutation' | 'subscription'
  /** Without it the procedure is tRPC only. Path parameters are fields of the input. */
  rest?: Rest
  input: z.ZodObject
  output: z.ZodType
  /** One line, shown in the document. */
  summary: string
  /** Called without a token. */
  open?: true
  /**
   * The change goes through the log: the answer is the entity as decided, or a receipt. Idempotency-Key, Prefer and
   * Consistency-Token apply; If-Match where the input has `expectedVersion`.
   */
  command?: true
  /** Waits as long as its input says, ten seconds at most: it may take that much longer than others. */
  waits?: true
  /** Input fields that never enter the log and are left out of the payload's hash: passwords. */
  secrets?: readonly string[]
  /** The input field that scopes an Idempotency-Key where there is no actor (registration: `username`). */
  keyScope?: string
  /** HTTP status of success: 201 for a command that creates (with `Location`), 204 where nothing is answered; 200 by default. */
  status?: 200 | 201 | 204
  /** What `Location` is made of, with the answer's fields in braces: `/tasks/{id}`. Needed for 201. */
  location?: `/${string}`
  /** The input's field that is the whole REST body, for bodies that are free JSON. */
  body?: string
  /** REST body as a form instead of JSON. As OAuth2 has it, what is unknown in it is passed over, and what is empty is not given. */
  form?: true
  /** Other spellings of input fields over REST: `{ project_id: 'projectId' }`. */
  aliases?: Readonly<Record<string, string>>
  /** Body limit in bytes, where it is not the usual 64 KiB. */
  bodyLimit?: number
  /** Codes that this procedure answers besides those any procedure can answer. */
  rejects?: readonly string[]
  /** Shown in the document, and called by a test: `{ input, output? }`. */
  example: { input: Record<string, unknown>; output?: unknown }
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
export type Rest = `${Method} /${string}`

export type Contract = Readonly<Record<string, Procedure>>

export function contract<const S extends Record<string, Procedure>>(procedures: S & Checked<S>): S {
  return procedures
}

/** A procedure that contradicts itself becomes a type error whose text says how. */
type Checked<S> = {
  [K in keyof S]: S[K] extends { input: infer I extends z.ZodObject } ? Valid<S[K], keyof z.input<I>> : S[K]
}

type Valid<P, Field> =
  | WithoutField<'rest', Params<Get<P, 'rest'>>, Field>
  | WithoutField<'body', Get<P, 'body'>, Field>
  | WithoutField<'keyScope', Get<P, 'keyScope'>, Field>
  | WithoutField<'secrets', Elements<Get<P, 'secrets'>>, Field>
  | WithoutField<'aliases', Values<Get<P, 'aliases'>>, Field>
  | (P extends { status: 201 }
      ? P extends { location: string }
        ? never
        : { location: '201 needs a location' }
      : never)
  | (P extends { kind: 'mutation'; rest: `GET ${string}` }
      ? { rest: 'GET changes nothing' }
      : never) extends infer Fault
  ? [Fault] extends [never]
    ? P
    : Fault
  : never

type WithoutField<At extends string, Named, Field> =
  Exclude<Named, Field> extends infer Missing
    ? [Missing] extends [never]
      ? never
      : { [K in At]: `${Missing & string} is not a field of input` }
    : never

type Params<P> = P extends `${string}{${infer K}}${infer R}` ? K | Params<R> : never
type Get<P, K extends string> = P extends { readonly [key in K]: infer V } ? V : never
type Elements<L> = L extends readonly (infer E)[] ? E : never
type Values<R> = R[keyof R]

import type { z } from 'zod'

/**
 * A service's contract: its procedures as others see them. Pure data, no server code, so that clients import it at run
 * time too. `implement(spec)` makes a tRPC procedure of one; the REST routes and the OpenAPI document are made of all.
 */
export interface Procedure {
  kind: 'query' | 'mutation'
  /** Without it the procedure is tRPC only. Path parameters are fields of the input. */
  rest?: `${'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'} /${string}`
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
  /** REST body as a form instead of JSON. */
  form?: true
  /** Other spellings of input fields over REST: `{ project_id: 'projectId' }`. */
  aliases?: Readonly<Record<string, string>>
  /** Body limit in bytes, where it is not the usual 64 KiB. */
  bodyLimit?: number
  /** The entity's answer depends on who asks, or is secret: never stored by a shared cache. */
  secret?: true
  /** Codes that this procedure answers besides those any procedure can answer. */
  rejects?: readonly string[]
  /** Shown in the document, and called by a test: `{ input, output? }`. */
  example: { input: Record<string, unknown>; output?: unknown }
}

export type Contract = Readonly<Record<string, Procedure>>

type Params<P extends string> = P extends `${string}{${infer K}}${infer R}` ? K | Params<R> : never

/** A path parameter that the input lacks becomes a type error that says so. */
type Checked<S> = {
  [K in keyof S]: S[K] extends { rest: infer P extends string; input: infer I extends z.ZodObject }
    ? [Exclude<Params<P>, keyof z.input<I>>] extends [never]
      ? S[K]
      : { rest: `{${Exclude<Params<P>, keyof z.input<I>>}} is not in input` }
    : S[K]
}

export function contract<const S extends Record<string, Procedure>>(procedures: S & Checked<S>): S {
  return procedures
}

import type { Link } from './links.ts'
import type { JsonSchema } from './schemas.ts'

/** One answer of an operation, in the words of OpenAPI. */
export interface OneResponse {
  description: string
  headers?: Record<string, { $ref: string }>
  content?: Record<string, { schema: JsonSchema; example?: unknown; examples?: Record<string, { $ref: string }> }>
  links?: Record<string, Link>
}

export type ResponseOrRef = OneResponse | { $ref: string }

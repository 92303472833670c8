/** A typed error on its way to a client. Anything else that is thrown reaches a client as `internal`. */
export class Failure extends Error {
  readonly code: string
  /** Members beside the code, e.g. `{ allowed: ['todo'] }`; plain JSON, safe to show. */
  readonly extra: Readonly<Record<string, unknown>>
  /** Seconds for `Retry-After`. */
  readonly retryAfter: number | undefined

  /** @param detail what is particular to this occurrence; without it the code's own sentence is shown. */
  constructor(code: string, detail?: string, options: FailureOptions = {}) {
    super(detail ?? '', { cause: options.cause })
    this.name = 'Failure'
    this.code = code
    this.extra = options.extra ?? {}
    this.retryAfter = options.retryAfter
  }
}

export interface FailureOptions {
  extra?: Readonly<Record<string, unknown>>
  retryAfter?: number
  cause?: unknown
}

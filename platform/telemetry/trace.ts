import { randomHex } from './random-hex.ts'
import { formatTraceparent, parseTraceparent } from './traceparent.ts'
import { tracestateOf } from './tracestate.ts'

/** The trace that a request belongs to, in a span of its own. */
export interface Trace {
  traceId: string
  spanId: string
  /** What is passed on: this span is the parent of what follows. */
  traceparent: string
  /** Others' notes, which are passed on with it. */
  tracestate: string | undefined
}

/** The caller's trace where there is one, otherwise a new one, which nobody has asked to record. */
export function traceOf(headers: Headers): Trace {
  const parent = parseTraceparent(headers.get('traceparent'))
  const traceId = parent?.traceId ?? randomHex(16)
  const spanId = randomHex(8)
  return {
    traceId,
    spanId,
    traceparent: formatTraceparent({ traceId, spanId, sampled: parent?.sampled ?? false }),
    tracestate: parent && tracestateOf(headers.get('tracestate')),
  }
}

import pino from 'pino'
import { describe, expect, test } from 'vitest'
import { newId } from '../../../platform/ids.ts'
import { parseTraceparent } from '../../../platform/telemetry/traceparent.ts'
import type { Batch } from '../decide/decide.ts'
import { fold } from '../decide/fold.ts'
import { readItems } from '../decide/items.ts'
import { createWorking } from '../decide/world.ts'
import { entities } from '../entities.ts'
import { commandOf, recordsOf, userPayload } from '../fixture.testing.ts'
import { createBatchLog } from './batch-log.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`
const create = (request: string, said = {}) =>
  commandOf('user.create', newId(), userPayload('anna'), { request, traceparent, ...said })

/** Made, refused, made again under the same key, and no command at all. */
function decidedBatch(): Batch {
  const first = create('made')
  const records = recordsOf(3, 5, [first, create('refused'), { ...first, request: 'repeated' }, 'nonsense'])
  const items = readItems(records, new Map(entities.map((one) => [one.kind, one])))
  const decided = fold(items, createWorking(entities), new Map(), 1, [])
  return { partition: 3, first: 5, last: 8, decided, after: [], size: 0 }
}

function linesOf(level: string, write: (log: ReturnType<typeof createBatchLog>) => void) {
  const lines: Record<string, unknown>[] = []
  write(createBatchLog(pino({ level }, { write: (line: string) => void lines.push(JSON.parse(line)) })))
  return lines
}

describe('the lines of a batch', () => {
  test('name the request and the trace of each command, and what became of it', () => {
    const lines = linesOf('debug', (log) => log.decided(decidedBatch()))
    expect(lines.filter(({ msg }) => msg === 'decided')).toMatchObject([
      { level: 20, requestId: 'made', traceId, offset: 5, type: 'user.create', outcome: 'succeeded', version: 1 },
      { requestId: 'refused', traceId, offset: 6, outcome: 'user.username_taken' },
      { requestId: 'repeated', traceId, offset: 7, outcome: 'repeated' },
      { offset: 8, type: 'unreadable', outcome: 'command.failed' },
    ])
  })

  test('say when they are served', () => {
    const lines = linesOf('debug', (log) => log.served(decidedBatch()))
    expect(lines.map(({ msg, requestId }) => [msg, requestId])).toContainEqual(['served', 'made'])
  })

  test('are of dead letters alone where nobody follows requests', () => {
    const lines = linesOf('info', (log) => {
      log.decided(decidedBatch())
      log.served(decidedBatch())
    })
    expect(lines).toMatchObject([{ level: 40, offset: 8, reason: 'it is not JSON' }])
  })
})

describe('an outcome', () => {
  test('goes on with the trace of its command, in a span that its position tells', () => {
    const spans = decidedBatch().decided.map(({ outcome }) => parseTraceparent(outcome.traceparent))
    expect(spans.map((span) => span?.traceId)).toEqual([traceId, traceId, traceId, undefined])
    expect(spans[0]).toMatchObject({ spanId: '8300000000000005', sampled: true })
    expect(decidedBatch().decided.map(({ outcome }) => outcome.traceparent)).toContain(
      `00-${traceId}-8300000000000005-01`,
    )
  })

  test('of a command whose trace cannot be read has none', () => {
    const records = recordsOf(0, 0, [create('r', { traceparent: 'nonsense' }), create('s', { traceparent: undefined })])
    const items = readItems(records, new Map(entities.map((one) => [one.kind, one])))
    const decided = fold(items, createWorking(entities), new Map(), 1, [])
    expect(decided.map(({ outcome }) => 'traceparent' in outcome)).toEqual([false, false])
  })
})

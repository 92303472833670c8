import type { Command, Entity, Event, Outcome, Position, Rejection } from '../../../platform/commands/command.ts'
import type { Needs } from '../../../platform/commands/decide.ts'
import { eventRecord } from '../../../platform/commands/record.ts'
import { MAX_RECORD_BYTES } from '../../../platform/log/limits.ts'
import { sizeOf } from '../../../platform/log/record.ts'
import { inSpan } from '../../../platform/telemetry/traceparent.ts'
import { sentenceOf } from '../../../platform/thrown.ts'
import type { EntityDefinition } from '../entity.ts'
import { DEAD_IN_A_ROW } from './poison.ts'
import type { Working } from './world.ts'

/** One record of the batch: a command with what it needs, or what made the record unreadable. */
export type Item = Readable | (Raw & { unreadable: string })
export type Readable = Raw & { command: Command; definition: EntityDefinition; needs: Needs }
type Raw = { position: Position; key: string; value: string }

/** The first record of a command id, as `outcomes` keeps it or as this batch decided it. */
export interface Known {
  position: Position
  hash: string
  entity: string
  version: number | null
  rejection: string | null
}

/** A row of `outcomes`. */
export interface Decided {
  outcome: Outcome
  /** Of the entity afterwards; null for a rejection. */
  version: number | null
  first: boolean
  /** Set where the record goes to the dead letters. */
  dead?: string
}

/**
 * A batch ends behind the outcome that fills it. They are written, appended and kept in memory together, and small commands
 * may have large outcomes: each carries its whole entity.
 */
export const OUTCOME_BYTES = 2 * 1024 * 1024

/**
 * Judges a batch in log order, as far as it goes: to the last item, to the outcome that fills it, or to the dead letter that
 * is one too many in a row. Pure but for changing `world` and `known`. Numbers drawn are taken in order.
 * @param dead dead letters in a row right before these
 */
export function fold(
  items: readonly Item[],
  world: Working,
  known: Map<string, Known>,
  incarnation: number,
  numbers: readonly number[],
  dead = 0,
): Decided[] {
  const decided: Decided[] = []
  let [drawn, bytes, row] = [0, 0, dead]

  function decide(item: Item): Decided {
    if ('unreadable' in item) return unreadable(item, incarnation, item.unreadable)
    const { command, position } = item
    const earlier = known.get(command.id)
    if (earlier) return repeat(command, position, earlier, incarnation)

    world.draw(item.needs.draw ? numbers[drawn++] : undefined)
    const judgement = judged(item, world, incarnation)
    bytes += judgement.bytes
    if ('failed' in judgement) return refuse(item, known, incarnation, 'command.failed', judgement.failed)
    for (const event of judgement.decided.outcome.events) world.apply(event)
    known.set(command.id, knownOf(judgement.decided))
    return judgement.decided
  }

  for (const item of items) {
    const one = decide(item)
    decided.push(one)
    row = one.dead === undefined ? 0 : row + 1
    if (row >= DEAD_IN_A_ROW || bytes >= OUTCOME_BYTES) break
  }
  return decided
}

/** What becomes of a command, or why that cannot be told; and what its outcome weighs. */
type Judgement = { bytes: number } & ({ decided: Decided } | { failed: string })

function judged(item: Readable, world: Working, incarnation: number): Judgement {
  try {
    const decided = judge(item, world, incarnation)
    const skipped = outOfTurn(decided.outcome.events, world)
    if (skipped) {
      return {
        bytes: 0,
        failed: `the rules made version ${skipped.version} of ${skipped.kind} ${skipped.id} out of turn`,
      }
    }
    const bytes = sizeOf(eventRecord(decided.outcome))
    return bytes <= MAX_RECORD_BYTES
      ? { bytes, decided }
      : { bytes, failed: 'its outcome is larger than the log takes' }
  } catch (error) {
    return { bytes: 0, failed: `the rules threw: ${sentenceOf(error)}` }
  }
}

/** Versions of an entity follow one another without gaps. */
function outOfTurn(events: readonly Event[], world: Working): Event | undefined {
  const versions = new Map<string, number>()
  return events.find(({ kind, id, version }) => {
    const before = versions.get(id) ?? world.one(kind, id)?.version ?? 0
    versions.set(id, version)
    return version !== before + 1
  })
}

function judge({ command, definition, position }: Readable, world: Working, incarnation: number): Decided {
  const before = world.one(definition.kind, command.entity)
  const outcome = outcomeOf(command, position, incarnation)
  const rejected = (rejection: Rejection): Decided => ({
    outcome: { ...outcome, rejection },
    version: null,
    first: true,
  })

  if (
    command.expectedVersion !== undefined &&
    before &&
    !before.deleted &&
    before.version !== command.expectedVersion
  ) {
    return rejected({ code: 'version.mismatch', extra: { version: before.version } })
  }
  const decision = definition.rules.decide(command, world)
  if ('rejection' in decision) return rejected(decision.rejection)
  if (before && decision.events.some((event) => event.id === command.entity && event.version === 1)) {
    return rejected({ code: 'idempotency.expired', extra: { entity: command.entity } })
  }
  const after = ownEvent(decision.events, command)?.data ?? before
  const asIs = decision.events.length === 0 && after ? { entityAsIs: after } : {}
  return { outcome: { ...outcome, events: decision.events, ...asIs }, version: after?.version ?? null, first: true }
}

const ownEvent = (events: readonly Event<Entity>[], command: Command) =>
  events.findLast((event) => event.id === command.entity)

/** The same key again: the first answer, or a refusal under its own position only where the input differs. */
function repeat(command: Command, position: Position, earlier: Known, incarnation: number): Decided {
  const outcome = outcomeOf(command, position, incarnation)
  if (earlier.hash !== command.hash) {
    return { outcome: { ...outcome, rejection: { code: 'idempotency.reused' } }, version: null, first: false }
  }
  return { outcome: { ...outcome, repeats: earlier.position }, version: earlier.version, first: false }
}

/**
 * Decided against as a whole, under a code, and set aside where `dead` says why: an outcome like any other, so that its
 * caller is told. A command that was decided before keeps that outcome.
 */
export function refuse(
  item: Item,
  known: Map<string, Known>,
  incarnation: number,
  code: string,
  dead: string | undefined,
): Decided {
  if ('unreadable' in item) return unreadable(item, incarnation, dead ?? item.unreadable)
  const { command, position } = item
  const earlier = known.get(command.id)
  if (earlier) return repeat(command, position, earlier, incarnation)
  const outcome = { ...outcomeOf(command, position, incarnation), rejection: { code } }
  const decided = { outcome, version: null, first: true, ...(dead !== undefined && { dead }) }
  known.set(command.id, knownOf(decided))
  return decided
}

const knownOf = ({ outcome, version }: Decided): Known => ({
  position: { partition: outcome.partition, offset: outcome.offset },
  hash: outcome.hash,
  entity: outcome.entity,
  version,
  rejection: outcome.rejection?.code ?? null,
})

function outcomeOf(command: Command, position: Position, incarnation: number): Outcome {
  const { partition, offset } = position
  const traceparent = inSpan(command.traceparent, spanOf(position))
  return {
    v: 1,
    incarnation,
    partition,
    offset,
    command: command.id,
    type: command.type,
    entity: command.entity,
    actor: command.actor.id,
    hash: command.hash,
    at: command.at,
    request: command.request,
    events: [],
    ...(traceparent !== undefined && { traceparent }),
  }
}

/** The span of a decision, as its position says it: to decide again gives the same. */
const spanOf = ({ partition, offset }: Position): string =>
  (0x80 + partition).toString(16) + offset.toString(16).padStart(14, '0')

/** Of a record nothing of which can be trusted: it has no id of its own, so its position makes one. */
export function unreadable({ position: { partition, offset } }: Item, incarnation: number, dead: string): Decided {
  const id = `00000000-0000-8000-8${partition.toString(16).padStart(3, '0')}-${offset.toString(16).padStart(12, '0')}`
  const outcome: Outcome = {
    v: 1,
    incarnation,
    partition,
    offset,
    command: id,
    type: 'unreadable',
    entity: id,
    actor: null,
    hash: '',
    at: new Date(0).toISOString(),
    request: '',
    events: [],
    rejection: { code: 'command.failed' },
  }
  return { outcome, version: null, first: true, dead }
}

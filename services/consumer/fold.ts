import type { Command, Entity, Event, Outcome, Position, Rejection } from '../../platform/commands/command.ts'
import type { Needs } from '../../platform/commands/decide.ts'
import type { EntityDefinition } from './entity.ts'
import type { Working } from './world.ts'

/** One record of the batch: a command with what it needs, or what made the record unreadable. */
export type Item = { position: Position; key: string; value: string } & (
  | { command: Command; definition: EntityDefinition; needs: Needs }
  | { unreadable: string }
)

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

/** Judges a batch in log order: pure but for changing `world` and `known`. Numbers drawn are taken in order. */
export function fold(
  items: readonly Item[],
  world: Working,
  known: Map<string, Known>,
  incarnation: number,
  numbers: readonly number[],
): Decided[] {
  let drawn = 0
  return items.map((item) => {
    if ('unreadable' in item) return deadLetter(item, incarnation, item.unreadable)
    const { command, definition, position } = item
    const earlier = known.get(command.id)
    if (earlier) return repeat(item.command, position, earlier, incarnation)

    world.draw(item.needs.draw ? numbers[drawn++] : undefined)
    let decided: Decided
    try {
      decided = judge(command, position, definition, world, incarnation)
    } catch (error) {
      return deadLetter(item, incarnation, `the rules threw: ${error instanceof Error ? error.message : String(error)}`)
    }
    for (const event of decided.outcome.events) world.apply(event)
    known.set(command.id, {
      position,
      hash: command.hash,
      entity: command.entity,
      version: decided.version,
      rejection: decided.outcome.rejection?.code ?? null,
    })
    return decided
  })
}

function judge(
  command: Command,
  position: Position,
  definition: EntityDefinition,
  world: Working,
  incarnation: number,
): Decided {
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

function deadLetter(item: Item, incarnation: number, reason: string): Decided {
  return deadOutcome(item, incarnation, { code: 'command.failed' }, reason)
}

/** A record set aside, or refused by a constraint alone: an outcome like any other, so that its caller is told. */
export function deadOutcome(item: Item, incarnation: number, rejection: Rejection, dead?: string): Decided {
  const outcome =
    'command' in item
      ? outcomeOf(item.command, item.position, incarnation)
      : unreadableOutcome(item.position, incarnation)
  return { outcome: { ...outcome, rejection }, version: null, first: true, ...(dead !== undefined && { dead }) }
}

function outcomeOf(command: Command, { partition, offset }: Position, incarnation: number): Outcome {
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
    ...(command.traceparent && { traceparent: command.traceparent }),
  }
}

/** A record that is no command has no id of its own: its position makes one. */
function unreadableOutcome({ partition, offset }: Position, incarnation: number): Outcome {
  const id = `00000000-0000-8000-8${partition.toString(16).padStart(3, '0')}-${offset.toString(16).padStart(12, '0')}`
  return {
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
  }
}

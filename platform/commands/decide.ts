import type { Command, Entity, Event, Rejection } from './command.ts'

/**
 * What a decision may look at: the entities its command `needs`, as they are at its position in the log (loaded from
 * Postgres under locks, then changed by the commands before it in the batch).
 */
export interface World {
  /** By id, removed ones included (`deleted`). */
  one<E extends Entity>(kind: string, id: string): E | undefined
  /** The live entity that holds a unique value. */
  holder<E extends Entity>(namespace: string, value: string): E | undefined
  /** Every loaded entity of a kind, removed ones included. */
  all<E extends Entity>(kind: string): Iterable<E>
  /** The last task number given in a project; 0 where there is none. */
  counter(project: string): number
  /** A number drawn from the sequence `needs` asked for; the same at every call within one decision. */
  drawn(): number
  /** True where a load was cut at its bound (a task with too many below it): decide against. */
  truncated(kind: string, id: string): boolean
}

/** What one command needs, told from the command alone, so that a batch locks and loads in a few statements. */
export interface Needs {
  /** Ids to load, by kind. */
  load?: Readonly<Record<string, readonly string[]>>
  /** Unique values, locked exclusively and their holders loaded: `{ username: ['ivan'] }`. */
  unique?: Readonly<Record<string, readonly string[]>>
  /** Users whom it refers to or acts for: locked shared and loaded (the actor always is). */
  users?: readonly string[]
  /** Users whom it changes: locked exclusively and loaded. */
  changes?: readonly string[]
  /** Other names to lock: ownership spans partitions (see users' and projects' rules). */
  locks?: readonly { name: string; exclusive: boolean }[]
  /** Projects that these users own, loaded. */
  owned?: readonly string[]
  /** Tasks whose ancestors are loaded. */
  ancestors?: readonly string[]
  /** Tasks whose descendants are loaded, up to a bound (`truncated`). */
  descendants?: readonly string[]
  /** Draws one number from this sequence. */
  draw?: 'project_number'
}

export type Decision = { events: Event[] } | { rejection: Rejection }

/** A command that these rules do not have: a newer process sent it. */
export class UnknownCommand extends Error {
  constructor({ type }: Pick<Command, 'type'>) {
    super(`no such command: ${type}`)
    this.name = 'UnknownCommand'
  }
}

/** An entity's rules: pure, no clock, no random, no I/O; `command.at` is the time. */
export interface Rules {
  /** @throws UnknownCommand; anything else for a payload that does not fit */
  needs(command: Command): Needs
  decide(command: Command, world: World): Decision
}

export const reject = (code: string, detail?: string, extra?: Record<string, unknown>): Decision => ({
  rejection: { code, ...(detail && { detail }), ...(extra && { extra }) },
})

/** Says what has become of an entity of this kind: its one event, as the decision. */
export const eventsOf =
  <E extends Entity, Type extends string>(kind: string, schema: number) =>
  (type: Type, data: E): Decision => ({
    events: [{ type, schema, kind, id: data.id, version: data.version, data }],
  })

/** The entity with this changed, as the command leaves it. */
export const nextVersion = <E extends Entity>(entity: E, { at }: Command, changed: NoInfer<Partial<E>>): E => ({
  ...entity,
  ...changed,
  version: entity.version + 1,
  updatedAt: at,
})

/** The command asks for what already is: no event, no new version, the entity as it is. */
export const noChange: Decision = { events: [] }

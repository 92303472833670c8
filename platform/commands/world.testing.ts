import type { Command, Entity } from './command.ts'
import type { World } from './decide.ts'

/** What a test says of the world that a decision looks at; the rest is empty. */
export interface Given {
  /** By kind: `{ user: [ivan] }`. */
  entities?: Readonly<Record<string, readonly Entity[]>>
  /** By namespace and value: `{ username: { ivan } }`. */
  holders?: Readonly<Record<string, Readonly<Record<string, Entity>>>>
  /** Last task number by project. */
  counters?: Readonly<Record<string, number>>
  drawn?: number
  /** `kind:id` of loads that were cut. */
  truncated?: readonly string[]
}

export function worldOf({ entities = {}, holders = {}, counters = {}, drawn, truncated = [] }: Given = {}): World {
  return {
    one: <E extends Entity>(kind: string, id: string) =>
      entities[kind]?.find((entity) => entity.id === id) as E | undefined,
    holder: <E extends Entity>(namespace: string, value: string) => holders[namespace]?.[value] as E | undefined,
    all: <E extends Entity>(kind: string) => (entities[kind] ?? []) as readonly E[],
    counter: (project) => counters[project] ?? 0,
    drawn() {
      if (drawn === undefined) throw new Error('the test gave no number to draw')
      return drawn
    },
    truncated: (kind, id) => truncated.includes(`${kind}:${id}`),
  }
}

/** A command as the edge makes it: ten o'clock, by the system, unless the test says otherwise. */
export function commandOf<P>(type: string, entity: string, payload: P, said: Partial<Command> = {}): Command<P> {
  return {
    v: 1,
    id: '00000000-0000-7000-8000-00000000c0de',
    type,
    schema: 1,
    at: '2026-01-01T10:00:00.000Z',
    actor: { id: null, role: 'system' },
    entity,
    root: entity,
    hash: 'hash',
    keyed: false,
    request: 'request',
    ...said,
    payload,
  }
}

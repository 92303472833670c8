import type { Db } from 'mongodb'
import type { Entity } from '../../platform/commands/command.ts'
import type { Rules } from '../../platform/commands/decide.ts'
import type { Mark } from '../../platform/commands/watermarks/watermarks.ts'

/** What the consumer knows of one kind of entity: one entry each in `entities.ts`. */
export interface EntityDefinition {
  /** `task`: the first segment of its command types, the prefix of its cache keys. */
  kind: string
  /** Table with columns id, version, data; also the MongoDB collection, where there is one. */
  table: string
  rules: Rules
  /** Versions of command payloads that this code understands: up to and including. */
  schema: number
  /** Unique values: namespace → the columns that hold them (canonical text, null for removed ones). */
  uniques: Readonly<Record<string, readonly string[]>>
  /** The unique values that an entity holds, by namespace. */
  holds(entity: Entity): Readonly<Record<string, readonly string[]>>
  /** Unique constraint → the code that a violation answers, should one get past the fold. */
  constraints: Readonly<Record<string, string>>
  /** The column that holds the key its commands are partitioned by. */
  rootColumn: string
  /** When it is readable: `decided` where readers load it from Postgres always, `served` where MongoDB may serve it. */
  mark: Mark
  /** Lists that may change with it. `all`: its commands live in every partition. */
  scopes(entity: Entity): readonly { scope: string; all: boolean }[]
  /** As MongoDB keeps it, where that differs. */
  toMongo?(entity: Entity): Entity
  /** Indexes of its collection, made before it is written. */
  indexMongo?(db: Db): Promise<void>
  /** Where it takes a number without gaps from its project: the project and the number. */
  counted?(entity: Entity): { project: string; number: number }
}

/**
 * All that the SDK takes from the server: types, of the contracts and of what their procedures have in common. They are
 * gone at run time, and nothing else here imports from outside this folder.
 */
import type { Receipt } from '../../platform/commands/command.ts'
import type { Procedure } from '../../platform/contract/contract.ts'
import type { CodesOf, InputOf } from '../../platform/contract/router-type.ts'
import type { PlatformCode } from '../../platform/errors/codes.ts'
import type { Issue } from '../../platform/errors/issues.ts'
import type { contracts } from '../../services/catalog.ts'
import type { Document } from '../../services/documents/schema.ts'
import type { Project } from '../../services/projects/schema.ts'
import type { Task } from '../../services/tasks/schema.ts'
import type { Tokens, User } from '../../services/users/schema.ts'

export type { CodesOf, Document, InputOf, Issue, PlatformCode, Procedure, Project, Receipt, Task, Tokens, User }

/** The procedures of every service, by service and name. */
export type Contracts = typeof contracts

/** Every procedure as `tasks.create`, with what its contract says of it. */
export type Procedures = {
  [Path in { [S in keyof Contracts]: `${S}.${keyof Contracts[S] & string}` }[keyof Contracts]]: ProcedureAt<Path>
}

type ProcedureAt<Path extends string> = Path extends `${infer S extends keyof Contracts}.${infer P}`
  ? P extends keyof Contracts[S]
    ? Contracts[S][P]
    : never
  : never

/** The names of the procedures whose contract says so much: `NamesWith<{ open: true }>`. */
export type NamesWith<Says> = {
  [Path in keyof Procedures]: Procedures[Path] extends Says ? Path : never
}[keyof Procedures]

import type { Entity } from '../platform/commands/command.ts'
import { operationsContract } from '../platform/commands/operations/contract.ts'
import type { Contract } from '../platform/contract/contract.ts'
import { type Codes, platformCodes } from '../platform/errors/codes.ts'
import { codes as documentCodes, documents } from './documents/contract.ts'
import { codes as projectCodes, projects } from './projects/contract.ts'
import { codes as taskCodes, tasks } from './tasks/contract.ts'
import { codes as userCodes, users } from './users/contract.ts'

/** What every service offers, as others see it: the document, the SDK and the gateway are made of this list. */
export const catalog = {
  users: {
    kind: 'user',
    contract: users,
    codes: userCodes,
    about: 'People, and how they log in. `me` is oneself wherever a user is named.',
  },
  projects: {
    kind: 'project',
    contract: projects,
    codes: projectCodes,
    about: 'Projects and their members. A project is named by its id, number, key or name.',
  },
  tasks: {
    kind: 'task',
    contract: tasks,
    codes: taskCodes,
    about: 'Tasks of projects. A task is named by its id or its code, such as `HARBOUR-4`.',
  },
  documents: {
    kind: 'document',
    contract: documents,
    codes: documentCodes,
    about: 'Any JSON objects, kept for oneself.',
  },
} as const satisfies Record<string, { kind: string; contract: Contract; codes: Codes; about: string }>

export type ServiceName = keyof typeof catalog

export const serviceNames = Object.keys(catalog) as ServiceName[]

type Contracts = { [Name in ServiceName]: (typeof catalog)[Name]['contract'] } & {
  operations: typeof operationsContract
}

/** The contracts of all, with what the platform itself serves. */
export const contracts = {
  ...Object.fromEntries(serviceNames.map((name) => [name, catalog[name].contract])),
  operations: operationsContract,
} as Contracts

/** The one table of errors. */
export const allCodes: Codes = Object.assign({}, platformCodes, ...Object.values(catalog).map(({ codes }) => codes))

/** An entity as its service answers it. */
export function showEntity(kind: string, entity: Entity): Record<string, unknown> {
  const service = Object.values(catalog).find((one) => one.kind === kind)
  if (!service) throw new Error(`no service has entities of kind ${kind}`)
  return service.contract.byId.output.parse(entity) as Record<string, unknown>
}

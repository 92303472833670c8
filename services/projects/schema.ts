import { z } from 'zod'
import type { Entity } from '../../platform/commands/command.ts'
import {
  entity,
  expectedVersion,
  filledLine,
  id,
  mask,
  ordering,
  pageFields,
  pageOf,
  reference,
} from '../../platform/contract/fields.ts'

// The entity

export const role = z.enum(['owner', 'maintainer', 'member', 'viewer'])
export type Role = z.infer<typeof role>

export const Member = z.object({ userId: id, role })
export type Member = z.infer<typeof Member>

export const MAX_MEMBERS = 500

/** Of these only `me` means something here; the others lead elsewhere in any URL. */
const reserved = new Set(['me', '.', '..'])
const plain = (text: string) => text.normalize('NFKC').toLowerCase()

/** False for words that mean something in a path. */
export const isFree = (word: string): boolean => !reserved.has(plain(word))

/** A path takes an id, a number, a key or a name in one place, so a name is none of the others by its looks. */
export const name = filledLine(120)
  .refine((text) => !/^\d+$/.test(plain(text)), 'may not be a number')
  .refine((text) => !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(plain(text)), 'may not look like an id')
  .refine(isFree, 'is a reserved word')

/** What the codes of its tasks begin with (`APOLLO-12`). It never changes. */
export const key = z
  .string()
  .regex(/^[A-Z][A-Z0-9]{1,9}$/, '2 to 10 letters A to Z and digits, a letter first')
  .refine(isFree, 'is a reserved word')

export const description = z.string().max(10_000)

export const Project = entity({
  number: z.int().positive(),
  key: z.string(),
  name: z.string(),
  description: z.string(),
  archived: z.boolean(),
  members: z.array(Member),
}).meta({ id: 'Project' })
export type Project = z.infer<typeof Project>

/** As it is stored, cached and carried by events. */
export interface StoredProject extends Entity {
  number: number
  key: string
  name: string
  description: string
  archived: boolean
  members: Member[]
  /** Both folded: a name and a key are held in one namespace, `handle`, and are what is searched. */
  nameKey: string
  keyKey: string
}

// Inputs and outputs

export const ProjectRef = z.strictObject({
  id: reference.meta({ description: 'Id, number, key or name; looked for in this order.' }),
})
export const ByName = z.strictObject({ name: reference.meta({ description: 'The name, in any case.' }) })
export const ByKey = z.strictObject({ key: reference.meta({ description: 'The key, in any case.' }) })

const naming = name.meta({
  not: { pattern: '^\\s*(?:[0-9]+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[mM][eE]|\\.{1,2})\\s*$' },
  description: 'Unique, in any case, among names and keys. Not a number, not like an id, and not `me`, `.` or `..`.',
})
const describing = description.meta({ description: 'What it is about.' })

export const Create = z.strictObject({
  name: naming,
  description: describing.optional(),
  key: key.optional().meta({ description: 'Begins the codes of its tasks; made from the name where it is not given.' }),
})
export const Update = ProjectRef.extend({
  name: naming.optional(),
  description: describing.optional(),
  expectedVersion,
})
/** Archive, restore and remove. */
export const Change = ProjectRef.extend({ expectedVersion })

const user = reference.meta({ description: 'Id or username.' })
const may = role.meta({ description: 'What the member may do.' })
export const AddMember = ProjectRef.extend({ user, role: may.default('member'), expectedVersion })
export const ChangeRole = ProjectRef.extend({ user, role: may, expectedVersion })
export const RemoveMember = ProjectRef.extend({ user, expectedVersion })

export const List = z.strictObject({
  q: mask.optional().meta({
    description:
      'A mask over names and keys: `ap*` is a beginning, `*lo` an end; without `*` it is looked for anywhere. Case does not matter.',
  }),
  archived: z.boolean().optional().meta({ description: 'Only archived ones, or only others; all by default.' }),
  mine: z
    .boolean()
    .optional()
    .meta({ description: 'For an admin, who sees all: only those that they are a member of.' }),
  sort: z.enum(['-createdAt', 'createdAt', 'name', '-name']).default('-createdAt').meta(ordering),
  ...pageFields,
})
export const Projects = pageOf(Project)

// Commands: what stands on the log for ever. A payload whose shape changes takes the next version.

export const commandSchema = 1

export interface CreateProject {
  name: string
  nameKey: string
  description: string
  /** Keys that it may get, the first free one wins: one if it was given, several if it was derived. */
  keys: readonly string[]
}
export type UpdateProject = Partial<Pick<CreateProject, 'name' | 'nameKey' | 'description'>>
export interface AddToProject {
  user: string
  role: Role
}
/** `owners`: the project's other owners as the edge saw them, so that they are loaded: only a living one counts. */
export interface ChangeMember extends AddToProject {
  owners: readonly string[]
}
export type RemoveFromProject = Omit<ChangeMember, 'role'>

// Events: each carries the StoredProject as it became.

export const eventSchema = 1
export type ProjectEvent =
  | 'project.created'
  | 'project.updated'
  | 'project.archived'
  | 'project.restored'
  | 'project.removed'
  | 'project.member_added'
  | 'project.role_changed'
  | 'project.member_removed'

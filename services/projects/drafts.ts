import type { z } from 'zod'
import type { Draft } from '../../platform/commands/command.ts'
import { fold } from '../../platform/text.ts'
import {
  type AddToProject,
  type ChangeMember,
  type Create,
  type CreateProject,
  commandSchema,
  type RemoveFromProject,
  type Role,
  type StoredProject,
  type Update,
  type UpdateProject,
} from './schema.ts'

/** The commands that procedures send. Texts are folded here, at the edge, so that what is locked is what is judged. */

export const createProject = (
  id: string,
  { name, description = '' }: z.output<typeof Create>,
  keys: readonly string[],
): Draft => draft('project.create', id, { name, nameKey: fold(name), description, keys } satisfies CreateProject)

export const updateProject = ({ id }: StoredProject, input: Omit<z.output<typeof Update>, 'id'>): Draft =>
  draft(
    'project.update',
    id,
    {
      ...(input.name !== undefined && { name: input.name, nameKey: fold(input.name) }),
      ...(input.description !== undefined && { description: input.description }),
    } satisfies UpdateProject,
    input.expectedVersion,
  )

/** What needs no more than the project. */
export const changeProject = (
  type: 'project.archive' | 'project.restore' | 'project.remove',
  { id }: StoredProject,
  expectedVersion?: number,
): Draft => draft(type, id, {}, expectedVersion)

export const addToProject = ({ id }: StoredProject, user: string, role: Role, expectedVersion?: number): Draft =>
  draft('project.add_member', id, { user, role } satisfies AddToProject, expectedVersion)

export const changeMember = (project: StoredProject, user: string, role: Role, expectedVersion?: number): Draft =>
  draft(
    'project.change_role',
    project.id,
    { user, role, owners: otherOwners(project, user) } satisfies ChangeMember,
    expectedVersion,
  )

export const removeFromProject = (project: StoredProject, user: string, expectedVersion?: number): Draft =>
  draft(
    'project.remove_member',
    project.id,
    { user, owners: otherOwners(project, user) } satisfies RemoveFromProject,
    expectedVersion,
  )

export const otherOwners = ({ members }: StoredProject, user: string): string[] =>
  members.filter(({ userId, role }) => role === 'owner' && userId !== user).map(({ userId }) => userId)

const draft = (type: string, id: string, payload: Draft['payload'], expectedVersion?: number): Draft => ({
  type,
  schema: commandSchema,
  entity: id,
  root: id,
  payload,
  ...(expectedVersion !== undefined && { expectedVersion }),
})

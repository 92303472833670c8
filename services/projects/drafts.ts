import type { z } from 'zod'
import type { Draft } from '../../platform/commands/command.ts'
import { createDrafts } from '../../platform/commands/drafts.ts'
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

const draft = createDrafts(commandSchema, ({ id }) => id)

export const createProject = (
  id: string,
  { name, description = '' }: z.output<typeof Create>,
  keys: readonly string[],
): Draft => draft('project.create', { id }, { name, nameKey: fold(name), description, keys } satisfies CreateProject)

export const updateProject = (project: StoredProject, input: Omit<z.output<typeof Update>, 'id'>): Draft =>
  draft(
    'project.update',
    project,
    {
      ...(input.name !== undefined && { name: input.name, nameKey: fold(input.name) }),
      ...(input.description !== undefined && { description: input.description }),
    } satisfies UpdateProject,
    input.expectedVersion,
  )

/** What needs no more than the project. */
export const changeProject = (
  type: 'project.archive' | 'project.restore' | 'project.remove',
  project: StoredProject,
  expectedVersion?: number,
): Draft => draft(type, project, {}, expectedVersion)

export const addToProject = (project: StoredProject, user: string, role: Role, expectedVersion?: number): Draft =>
  draft('project.add_member', project, { user, role } satisfies AddToProject, expectedVersion)

export const changeMember = (project: StoredProject, user: string, role: Role, expectedVersion?: number): Draft =>
  draft(
    'project.change_role',
    project,
    { user, role, owners: otherOwners(project, user) } satisfies ChangeMember,
    expectedVersion,
  )

export const removeFromProject = (project: StoredProject, user: string, expectedVersion?: number): Draft =>
  draft(
    'project.remove_member',
    project,
    { user, owners: otherOwners(project, user) } satisfies RemoveFromProject,
    expectedVersion,
  )

export const otherOwners = ({ members }: StoredProject, user: string): string[] =>
  members.filter(({ userId, role }) => role === 'owner' && userId !== user).map(({ userId }) => userId)

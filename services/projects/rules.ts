import type { Command } from '../../platform/commands/command.ts'
import {
  type Decision,
  type Needs,
  nextVersion,
  noChange,
  type Rules,
  reject,
  UnknownCommand,
  type World,
} from '../../platform/commands/decide.ts'
import { fold } from '../../platform/text.ts'
import { actorOf, admit } from './access.ts'
import { become } from './events.ts'
import { addMember, changeRole, removeMember } from './membership.ts'
import type {
  AddToProject,
  ChangeMember,
  CreateProject,
  RemoveFromProject,
  StoredProject,
  UpdateProject,
} from './schema.ts'

/**
 * What may become of a project. Names and keys are held in one namespace, `handle`: a path takes either, so no name is
 * the key of another project.
 */
export const rules: Rules = { needs, decide }

/** Shared by all that changes who owns a project, and taken alone by the removal of a user. */
const ownership = [{ name: 'ownership', exclusive: false }]

function needs({ type, payload }: Command): Needs {
  switch (type) {
    case 'project.create': {
      const { nameKey, keys } = payload as CreateProject
      return { unique: { handle: [nameKey, ...keys.map(fold)] }, draw: 'project_number', locks: ownership }
    }
    case 'project.update': {
      const { nameKey } = payload as UpdateProject
      return nameKey === undefined ? {} : { unique: { handle: [nameKey] } }
    }
    case 'project.archive':
    case 'project.restore':
      return {}
    case 'project.remove':
      return { locks: ownership }
    case 'project.add_member':
      return { users: [(payload as AddToProject).user], locks: ownership }
    case 'project.change_role':
    case 'project.remove_member': {
      const { user, owners } = payload as RemoveFromProject
      return { users: [user, ...owners], locks: ownership }
    }
    default:
      throw new UnknownCommand({ type })
  }
}

function decide(command: Command, world: World): Decision {
  switch (command.type) {
    case 'project.create':
      return create(command.payload as CreateProject, command, world)
    case 'project.update':
      return update(command.payload as UpdateProject, command, world)
    case 'project.archive':
      return setArchived(true, command, world)
    case 'project.restore':
      return setArchived(false, command, world)
    case 'project.remove':
      return remove(command, world)
    case 'project.add_member':
      return addMember(command.payload as AddToProject, command, world)
    case 'project.change_role':
      return changeRole(command.payload as ChangeMember, command, world)
    case 'project.remove_member':
      return removeMember(command.payload as RemoveFromProject, command, world)
    default:
      throw new UnknownCommand(command)
  }
}

function create({ name, nameKey, description, keys }: CreateProject, command: Command, world: World): Decision {
  const owner = actorOf(command, world)?.id
  if (!owner) return reject('access.forbidden')
  if (isTaken(nameKey, command, world)) return reject('project.name_taken')
  const key = keys.find((one) => !isTaken(fold(one), command, world))
  if (key === undefined) return reject('project.key_taken')
  return become('project.created', {
    id: command.entity,
    version: 1,
    number: world.drawn(),
    key,
    name,
    description,
    archived: false,
    members: [{ userId: owner, role: 'owner' }],
    nameKey,
    keyKey: fold(key),
    createdAt: command.at,
    updatedAt: command.at,
  })
}

function update(payload: UpdateProject, command: Command, world: World): Decision {
  const project = admit(command, world, command.entity, 'project.update')
  if ('rejection' in project) return project
  const changed = (Object.keys(payload) as (keyof UpdateProject)[]).some((field) => payload[field] !== project[field])
  if (!changed) return noChange
  if (payload.nameKey !== undefined && isTaken(payload.nameKey, command, world)) return reject('project.name_taken')
  return become('project.updated', nextVersion(project, command, payload))
}

function setArchived(archived: boolean, command: Command, world: World): Decision {
  const project = admit(command, world, command.entity, archived ? 'project.archive' : 'project.restore')
  if ('rejection' in project) return project
  if (project.archived === archived) return noChange
  return become(archived ? 'project.archived' : 'project.restored', nextVersion(project, command, { archived }))
}

function remove(command: Command, world: World): Decision {
  const project = admit(command, world, command.entity, 'project.remove')
  if ('rejection' in project) return project
  return become('project.removed', nextVersion(project, command, { deleted: true }))
}

/** Held by another project, be it as its name or as its key. */
function isTaken(handle: string, command: Command, world: World): boolean {
  const holder = world.holder<StoredProject>('handle', handle)
  return holder !== undefined && holder.id !== command.entity
}

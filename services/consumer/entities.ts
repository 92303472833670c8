import { rules as documentRules } from '../documents/rules.ts'
import { commandSchema as documentSchema, type StoredDocument } from '../documents/schema.ts'
import { indexDocuments, toMongo } from '../documents/store/mongo.ts'
import { rules as projectRules } from '../projects/rules.ts'
import { commandSchema as projectSchema, type StoredProject } from '../projects/schema.ts'
import { rules as taskRules } from '../tasks/rules.ts'
import { type StoredTask, commandSchema as taskSchema } from '../tasks/schema.ts'
import { indexTasks } from '../tasks/store/mongo.ts'
import { rules as userRules } from '../users/rules.ts'
import { type StoredUser, commandSchema as userSchema } from '../users/schema.ts'
import type { EntityDefinition } from './entity.ts'

const user: EntityDefinition = {
  kind: 'user',
  table: 'users',
  rules: userRules,
  schema: userSchema,
  uniques: { username: ['username_key'], email: ['email_key'] },
  holds: (entity) => {
    const { usernameKey, emailKey } = entity as StoredUser
    return { username: [usernameKey], email: [emailKey] }
  },
  constraints: { users_username_key: 'user.username_taken', users_email_key: 'user.email_taken' },
  rootColumn: 'id',
  mark: 'decided',
  scopes: () => [{ scope: 'users', all: true }],
}

const project: EntityDefinition = {
  kind: 'project',
  table: 'projects',
  rules: projectRules,
  schema: projectSchema,
  uniques: { handle: ['name_key', 'key_key'] },
  holds: (entity) => {
    const { nameKey, keyKey } = entity as StoredProject
    return { handle: [nameKey, keyKey] }
  },
  constraints: { projects_name_key: 'project.name_taken', projects_key_key: 'project.key_taken' },
  rootColumn: 'id',
  mark: 'decided',
  scopes: () => [{ scope: 'projects', all: true }],
}

const task: EntityDefinition = {
  kind: 'task',
  table: 'tasks',
  rules: taskRules,
  schema: taskSchema,
  uniques: {},
  holds: () => ({}),
  constraints: {},
  rootColumn: 'project_id',
  mark: 'served',
  scopes: (entity) => [{ scope: `tasks:${(entity as StoredTask).projectId}`, all: false }],
  indexMongo: indexTasks,
  counted: (entity) => {
    const { projectId, number } = entity as StoredTask
    return { project: projectId, number }
  },
}

const document: EntityDefinition = {
  kind: 'document',
  table: 'documents',
  rules: documentRules,
  schema: documentSchema,
  uniques: {},
  holds: () => ({}),
  constraints: {},
  rootColumn: 'owner_id',
  mark: 'served',
  scopes: (entity) => [{ scope: `documents:${(entity as StoredDocument).ownerId}`, all: false }],
  toMongo: (entity) => toMongo(entity as StoredDocument),
  indexMongo: indexDocuments,
}

/** Every kind of entity, in the order in which a batch loads and writes them. */
export const entities: readonly EntityDefinition[] = [user, project, task, document]

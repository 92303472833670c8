import type { Entity } from '../../platform/commands/command.ts'
import { rules as userRules } from '../users/rules.ts'
import { commandSchema as userSchema, type StoredUser } from '../users/schema.ts'
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
  root: ({ id }: Entity) => id,
  mark: 'decided',
  scopes: () => [{ scope: 'users', all: true }],
}

/** Every kind of entity, in the order in which a batch loads and writes them. */
export const entities: readonly EntityDefinition[] = [user]

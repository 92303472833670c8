import type { z } from 'zod'
import type { Draft } from '../../platform/commands/command.ts'
import { createDrafts } from '../../platform/commands/drafts.ts'
import { fold } from '../../platform/text.ts'
import {
  type Create,
  type CreateUser,
  commandSchema,
  type Register,
  type RegisterUser,
  type Update,
  type UpdateUser,
} from './schema.ts'

/** The commands that procedures send. Texts are folded here, at the edge, so that what is locked is what is judged. */

const draft = createDrafts(commandSchema, ({ id }) => id)

export const registerUser = (id: string, { username, email, fullName = '' }: z.output<typeof Register>): Draft =>
  draft('user.register', { id }, {
    ...usernameFields(username),
    ...emailFields(email),
    ...fullNameFields(fullName),
  } satisfies RegisterUser)

export const createUser = (
  id: string,
  { username, email, fullName = '', role = 'member' }: z.output<typeof Create>,
): Draft =>
  draft('user.create', { id }, {
    ...usernameFields(username),
    ...emailFields(email),
    ...fullNameFields(fullName),
    role,
  } satisfies CreateUser)

export const updateUser = (id: string, input: Omit<z.output<typeof Update>, 'id'>): Draft =>
  draft(
    'user.update',
    { id },
    {
      ...(input.username !== undefined && usernameFields(input.username)),
      ...(input.email !== undefined && emailFields(input.email)),
      ...(input.fullName !== undefined && fullNameFields(input.fullName)),
      ...(input.role !== undefined && { role: input.role }),
    } satisfies UpdateUser,
    input.expectedVersion,
  )

export const removeUser = (id: string, expectedVersion?: number): Draft =>
  draft('user.remove', { id }, {}, expectedVersion)

const usernameFields = (username: string) => ({ username, usernameKey: fold(username) })
const emailFields = (email: string) => ({ email, emailKey: fold(email) })
const fullNameFields = (fullName: string) => ({ fullName, fullNameKey: fold(fullName) })

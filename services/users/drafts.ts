import type { z } from 'zod'
import type { Draft } from '../../platform/commands/command.ts'
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

export const registerUser = (id: string, { username, email, fullName = '' }: z.output<typeof Register>): Draft =>
  draft('user.register', id, { ...names(username), ...emails(email), ...fullNames(fullName) } satisfies RegisterUser)

export const createUser = (
  id: string,
  { username, email, fullName = '', role = 'member' }: z.output<typeof Create>,
): Draft =>
  draft('user.create', id, { ...names(username), ...emails(email), ...fullNames(fullName), role } satisfies CreateUser)

export const updateUser = (id: string, input: Omit<z.output<typeof Update>, 'id'>): Draft =>
  draft(
    'user.update',
    id,
    {
      ...(input.username !== undefined && names(input.username)),
      ...(input.email !== undefined && emails(input.email)),
      ...(input.fullName !== undefined && fullNames(input.fullName)),
      ...(input.role !== undefined && { role: input.role }),
    } satisfies UpdateUser,
    input.expectedVersion,
  )

export const removeUser = (id: string, expectedVersion?: number): Draft => draft('user.remove', id, {}, expectedVersion)

const draft = (type: string, id: string, payload: Draft['payload'], expectedVersion?: number): Draft => ({
  type,
  schema: commandSchema,
  entity: id,
  root: id,
  payload,
  ...(expectedVersion !== undefined && { expectedVersion }),
})

const names = (username: string) => ({ username, usernameKey: fold(username) })
const emails = (email: string) => ({ email, emailKey: fold(email) })
const fullNames = (fullName: string) => ({ fullName, fullNameKey: fold(fullName) })

import { z } from 'zod'
import type { Entity } from '../../platform/commands/command.ts'
import {
  entity,
  expectedVersion,
  id,
  line,
  mask,
  ordering,
  pageFields,
  pageOf,
  reference,
} from '../../platform/contract/fields.ts'

// The entity

export const role = z.enum(['admin', 'member'])
export type Role = z.infer<typeof role>

const reserved = new Set(['me'])
const scripts = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u]

/**
 * 2 to 32 letters and digits of any script, with `.`, `_` and `-` after the first. It is compared case-insensitively.
 * A path takes an id or a username in one place, so it is never a reserved word, a number or an id. Latin, Cyrillic and Greek do
 * not mix in one name: their letters look alike.
 */
export const username = z
  .string()
  .normalize('NFKC')
  .min(2)
  .max(32)
  .regex(/^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}._-]*$/u, 'letters, digits and . _ - only, a letter or digit first')
  .refine((name) => /\p{L}/u.test(name) && Number.isNaN(Number(name)), 'needs a letter, and may not be a number')
  .refine((name) => !/^[0-9a-f]{32}$/i.test(name), 'may not look like an id')
  .refine((name) => !reserved.has(name.toLowerCase()), 'is a reserved word')
  .refine((name) => scripts.filter((script) => script.test(name)).length <= 1, 'mixes alphabets that look alike')

export const email = z.email().max(254)
export const fullName = line(200)

/** As it is answered. `email` is shown to the user and to admins only. */
export const User = entity({
  username: z.string(),
  email: z.string().optional(),
  fullName: z.string(),
  role,
  removed: z.literal(true).optional().meta({
    description: 'Shown by `GET /users?id=` alone, for whom tasks and projects name; the username is `removed user`.',
  }),
}).meta({ id: 'User' })
export type User = z.infer<typeof User>

/** As it is stored, cached and carried by events. A tombstone keeps nothing personal: its texts are empty. */
export interface StoredUser extends Entity {
  username: string
  email: string
  /** Empty where none was given. */
  fullName: string
  role: Role
  /** The same three folded: what is unique and searched. */
  usernameKey: string
  emailKey: string
  fullNameKey: string
}

// Inputs and outputs

/** 12 to 128 characters; counted, after normalisation, where it is hashed. */
const newPassword = z.string().min(12).max(128).meta({
  description: '12 to 128 characters; neither the name of the user nor a pattern.',
})
const givenPassword = z.string().min(1).max(512)

export const UserRef = z.strictObject({ id: reference.meta({ description: 'Id or username; `me` is oneself.' }) })
export const ByUsername = z.strictObject({ username: reference.meta({ description: 'The username, in any case.' }) })

/** What the pattern of a username lets through and its other rules do not, as far as a pattern can say it. */
const NOT_A_NAME =
  '^(?:\\P{L}*|[0-9.]+[eE]-?[0-9]+|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|Infinity|[0-9a-fA-F]{32}|[mM][eE])$'

/** Who somebody is: what an account is made with, and what is changed of it. */
const fields = {
  username: username.meta({
    not: { pattern: NOT_A_NAME },
    description:
      'Unique in any case. Letters of one alphabet, digits and `.`, `_`, `-`, with a letter or digit first; not a number, not like an id, and not `me`.',
  }),
  email: email.meta({ description: 'Unique; shown to the user and to admins only.' }),
  fullName: fullName.meta({ description: 'As people call them.' }).optional(),
}
const granted = role
  .meta({
    description: 'What the user may do: an admin everything, a member what projects allow. A new user is a member.',
  })
  .optional()

export const Register = z.strictObject({ ...fields, password: newPassword })
export const Create = z.strictObject({ ...fields, role: granted })
export const Update = UserRef.extend({
  ...fields,
  username: fields.username.optional(),
  email: fields.email.optional(),
  role: granted,
  expectedVersion,
})
export const Remove = UserRef.extend({ expectedVersion })

export const List = z.strictObject({
  q: mask.optional(),
  role: role.optional().meta({ description: 'With this role.' }),
  id: z.array(id).min(1).max(100).optional().meta({
    description: 'These alone, removed ones too: whom tasks and projects name.',
  }),
  sort: z.enum(['-createdAt', 'createdAt', 'username', '-username']).default('-createdAt').meta(ordering),
  ...pageFields,
})
export const Users = pageOf(User)

const unused = z
  .string()
  .max(500)
  .optional()
  .meta({ description: 'Taken, as clients of OAuth2 send it, and not used.' })

/** The OAuth2 password form (RFC 6749, 4.3); what is not used is there because clients send it. */
export const Login = z.strictObject({
  grant_type: z.literal('password').optional().meta({ description: 'Of the OAuth2 form; the same without it.' }),
  username: z.string().min(1).max(254).meta({ description: 'Username or email.' }),
  password: givenPassword.meta({ description: 'The password.' }),
  scope: unused,
  client_id: unused,
  client_secret: unused,
})
export const Refresh = z.strictObject({
  refresh_token: z.string().min(1).max(200).meta({ description: 'The latest one of the session.' }),
})
export const Tokens = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().meta({ description: 'Seconds until the access token expires.' }),
    refresh_token: z.string().meta({ description: 'Good for one use; the answer has the next one.' }),
  })
  .meta({ id: 'Tokens' })
export type Tokens = z.infer<typeof Tokens>

export const Nothing = z.strictObject({})
export const ChangePassword = z.strictObject({
  password: givenPassword.meta({ description: 'The current one.' }),
  newPassword,
})
export const SetPassword = z.strictObject({
  setupToken: z.string().min(1).max(200).meta({ description: 'As an admin has been given it for the user.' }),
  password: newPassword,
})

/** Lets one user set a password once, without being logged in. */
export const Setup = z.object({ setupToken: z.string(), expiresAt: z.iso.datetime() }).meta({ id: 'Setup' })
export type Setup = z.infer<typeof Setup>
export const CreatedUser = User.extend({ setupToken: z.string().optional() }).meta({ id: 'CreatedUser' })
export type CreatedUser = z.infer<typeof CreatedUser>

// Commands: what stands on the log for ever, so no passwords. A payload whose shape changes takes the next version.

export const commandSchema = 1

interface Names {
  username: string
  usernameKey: string
  email: string
  emailKey: string
  fullName: string
  fullNameKey: string
}
export type RegisterUser = Names
export type CreateUser = Names & { role: Role }
export type UpdateUser = Partial<Names & { role: Role }>
export type RemoveUser = Record<string, never>

// Events: each carries the StoredUser as it became.

export const eventSchema = 1
export type UserEvent = 'user.created' | 'user.updated' | 'user.removed'

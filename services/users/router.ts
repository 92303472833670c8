import type { AnyRouter } from '@trpc/server'
import type { Actor } from '../../platform/auth/actor.ts'
import type { Draft } from '../../platform/commands/command.ts'
import type { CommandEdge } from '../../platform/commands/send/edge.ts'
import { requireVersion } from '../../platform/commands/send/require-version.ts'
import type { Watermarks } from '../../platform/commands/watermarks/watermarks.ts'
import { Failure } from '../../platform/errors/failure.ts'
import type { Reads } from '../../platform/reads/reads.ts'
import type { Queryable } from '../../platform/sql/port.ts'
import { implement } from '../../platform/trpc/implement.ts'
import type { Accounts } from './accounts.ts'
import { codes, users } from './contract.ts'
import { createUser, registerUser, removeUser, updateUser } from './drafts.ts'
import { userQueries } from './queries.ts'
import { refusal } from './rules.ts'
import type { StoredUser, User } from './schema.ts'
import type { Sessions } from './sessions.ts'

export interface UsersParts {
  sql: Queryable
  reads: Reads
  /** With the secrets beside it: `withSecrets`. */
  commands: CommandEdge
  watermarks: Pick<Watermarks, 'reach'>
  accounts: Accounts
  sessions: Sessions
}

export function usersRouter({ sql, reads, commands, watermarks, accounts, sessions }: UsersParts): AnyRouter {
  const queries = userQueries(sql, reads)
  const { procedure, router } = implement('users', users, {
    watermarks,
    commands,
    codes,
    mark: 'decided',
    present: (user, { actor }) => shownTo(actor, user as StoredUser),
  })

  /** `me` is whoever asks. */
  async function found(reference: string, { id }: Actor): Promise<StoredUser> {
    const user = await queries.find(reference.toLowerCase() === 'me' ? id : reference)
    if (!user) throw new Failure('user.not_found')
    return user
  }

  async function free(draft: Draft): Promise<Draft> {
    const taken = await queries.taken(draft.payload, draft.entity)
    if (taken) throw new Failure(taken)
    return draft
  }

  return router({
    register: procedure.register.mutation(async ({ input, newId }) => free(registerUser(newId, input))),

    create: procedure.create.mutation(async ({ input, ctx, newId }) => {
      requireAdmin(ctx.actor)
      return free(createUser(newId, input))
    }),

    update: procedure.update.mutation(async ({ input, ctx }) => {
      const user = await found(input.id, ctx.actor)
      const draft = updateUser(user.id, input)
      refuse(refusal(ctx.actor, user, draft.payload))
      requireVersion(user, input.expectedVersion)
      return free(draft)
    }),

    remove: procedure.remove.mutation(async ({ input, ctx }) => {
      const user = await found(input.id, ctx.actor)
      refuse(refusal(ctx.actor, user, 'remove'))
      requireVersion(user, input.expectedVersion)
      return removeUser(user.id, input.expectedVersion)
    }),

    me: procedure.me.query(async ({ ctx }) => shownTo(ctx.actor, await found('me', ctx.actor))),

    byId: procedure.byId.query(async ({ input, ctx }) => shownTo(ctx.actor, await found(input.id, ctx.actor))),

    byUsername: procedure.byUsername.query(async ({ input, ctx }) => {
      const user = await queries.byUsername(input.username)
      if (!user) throw new Failure('user.not_found')
      return shownTo(ctx.actor, user)
    }),

    list: procedure.list.query(async ({ input, ctx }) => {
      const { items, nextCursor } = await queries.list(input)
      return { items: items.map((user) => shownTo(ctx.actor, user)), nextCursor }
    }),

    login: procedure.login.mutation(({ input, ctx }) => accounts.login(input.username, input.password, ctx.address)),

    refresh: procedure.refresh.mutation(({ input, ctx }) => accounts.refresh(input.refresh_token, ctx.address)),

    logout: procedure.logout.mutation(({ ctx }) => sessions.end(ctx.actor.session)),

    changePassword: procedure.changePassword.mutation(({ input, ctx }) =>
      accounts.changePassword(ctx.actor, input.password, input.newPassword, ctx.address),
    ),

    setPassword: procedure.setPassword.mutation(({ input, ctx }) =>
      accounts.setPassword(input.setupToken, input.password, ctx.address),
    ),

    issueSetup: procedure.issueSetup.mutation(async ({ input, ctx }) => {
      requireAdmin(ctx.actor)
      return accounts.issueSetup((await found(input.id, ctx.actor)).id)
    }),
  })
}

/**
 * The email is for the user and for admins; nobody is logged in where somebody just registered. A removed user, whom tasks and
 * projects may still name, has nothing left to show.
 */
function shownTo(actor: Actor | null, { email, ...user }: StoredUser): User {
  if (user.deleted) return { ...user, username: REMOVED, removed: true }
  const own = actor === null || actor.id === user.id
  return own || actor.role === 'admin' ? { ...user, email } : user
}

/** No username has a space. */
const REMOVED = 'removed user'

function requireAdmin({ role }: Actor): void {
  refuse(role === 'admin' ? undefined : 'access.forbidden')
}

function refuse(code: string | undefined): void {
  if (code) throw new Failure(code)
}

import type { Person } from '../system/people.ts'
import type { System } from '../system.ts'
import type { Request } from './document.ts'

/** One operation of the walk: who calls it, and what differs from the example because it cannot be known before. */
export interface Step {
  operation: string
  as: keyof Cast
  given?: (cast: Cast) => Promise<Partial<Pick<Request, 'path' | 'body'>>>
}

/** Who takes part. */
export interface Cast {
  stranger(): Promise<System['people']['stranger']>
  admin(): Promise<Person>
  /** Registered by the walk's first step; each time logged in anew. */
  ivan(): Promise<Person>
}

const password = 'correct horse battery'

export const castOf = ({ people }: System): Cast => ({
  stranger: async () => people.stranger,
  admin: () => people.admin(),
  ivan: () => people.login({ username: 'ivan', password }),
})

const document = async ({ admin }: Cast) => {
  const { id } = await (await admin()).over('REST').documents.create({ data: {} })
  return { path: { id } }
}

/** Every operation, in an order in which the examples hold true on a fresh start with its demo data. */
export const steps: readonly Step[] = [
  { operation: 'users.register', as: 'stranger' },
  { operation: 'users.login', as: 'stranger' },
  {
    operation: 'users.refresh',
    as: 'stranger',
    given: async ({ ivan }) => ({ body: { refresh_token: (await ivan()).refreshToken } }),
  },
  { operation: 'users.changePassword', as: 'ivan' },
  {
    operation: 'users.setPassword', // the one that Ivan had before
    as: 'stranger',
    given: async ({ admin }) => {
      const { setupToken } = await (await admin()).over('REST').users.issueSetup({ id: 'ivan' })
      return { body: { setupToken, password } }
    },
  },
  { operation: 'users.logout', as: 'ivan' },
  { operation: 'users.me', as: 'admin' },
  { operation: 'users.create', as: 'admin' },
  { operation: 'users.issueSetup', as: 'admin' },
  { operation: 'users.byId', as: 'admin' },
  { operation: 'users.list', as: 'admin' },
  { operation: 'users.update', as: 'admin' },
  { operation: 'users.remove', as: 'admin' },

  { operation: 'projects.create', as: 'admin' },
  { operation: 'projects.byId', as: 'admin' },
  { operation: 'projects.list', as: 'admin' },
  { operation: 'projects.update', as: 'admin' },
  { operation: 'projects.addMember', as: 'admin' },
  { operation: 'projects.changeRole', as: 'admin' },
  { operation: 'projects.removeMember', as: 'admin' },
  { operation: 'projects.archive', as: 'admin' },
  { operation: 'projects.restore', as: 'admin' },
  { operation: 'projects.remove', as: 'admin' },

  { operation: 'tasks.create', as: 'admin' },
  { operation: 'tasks.byId', as: 'admin' },
  { operation: 'tasks.list', as: 'admin' },
  { operation: 'tasks.mine', as: 'admin' },
  { operation: 'tasks.update', as: 'admin' },
  { operation: 'tasks.move', as: 'admin' },
  { operation: 'tasks.assign', as: 'admin' },
  { operation: 'tasks.remove', as: 'admin' },

  { operation: 'documents.create', as: 'admin' },
  { operation: 'documents.list', as: 'admin' },
  { operation: 'documents.byId', as: 'admin', given: document },
  { operation: 'documents.update', as: 'admin', given: document },
  { operation: 'documents.remove', as: 'admin', given: document },

  {
    operation: 'operations.byId',
    as: 'admin',
    given: async ({ admin }) => {
      const headers = { prefer: 'respond-async' }
      const { body } = await (await admin()).ask<{ operation: string }>('POST', '/mongo', { body: {}, headers })
      return { path: { id: body.operation } }
    },
  },
]

import type { Person } from '../system/people.ts'
import type { System } from '../system.ts'
import type { Request } from './document.ts'

/** One operation of the walk: who calls it, and what differs from the example because it cannot be known before. */
export interface Step {
  operation: string
  as: keyof Cast
  /** Ivan's sessions end with it. */
  ends?: true
  given?: (cast: Cast) => Partial<Pick<Request, 'path' | 'body'>> | Promise<Partial<Pick<Request, 'path' | 'body'>>>
}

/** The people of the examples. */
export interface Cast {
  stranger: System['people']['stranger']
  /** Of the examples: registered by the walk's first step. */
  ivan: Person
  admin: Person
}

const password = 'correct horse battery'
const ivanNow = (system: System) => system.people.login({ username: 'ivan', password })

/**
 * Every operation, in an order in which the examples hold true: Ivan registers, makes APOLLO, the first project, and works
 * on APOLLO-12.
 */
export function stepsOf(system: System): Step[] {
  const document = async ({ ivan }: Cast) => {
    const { id } = await ivan.over('REST').documents.create({ data: {} })
    return { path: { id } }
  }
  return [
    { operation: 'users.register', as: 'stranger' },
    { operation: 'users.login', as: 'stranger' },
    {
      operation: 'users.refresh',
      as: 'stranger',
      given: async () => ({ body: { refresh_token: (await ivanNow(system)).refreshToken } }),
    },
    { operation: 'users.me', as: 'ivan' },
    { operation: 'users.byId', as: 'ivan' },
    { operation: 'users.list', as: 'ivan' },
    { operation: 'users.update', as: 'ivan' },
    { operation: 'users.changePassword', as: 'ivan' },
    { operation: 'users.issueSetup', as: 'admin' },
    {
      operation: 'users.setPassword',
      as: 'stranger',
      ends: true,
      given: async ({ admin }) => {
        const { setupToken } = await admin.over('REST').users.issueSetup({ id: 'ivan' })
        return { body: { setupToken, password } }
      },
    },

    { operation: 'projects.create', as: 'ivan' },
    { operation: 'projects.byId', as: 'ivan' },
    { operation: 'projects.list', as: 'ivan' },
    { operation: 'projects.update', as: 'ivan' },
    { operation: 'projects.archive', as: 'ivan' },
    { operation: 'projects.restore', as: 'ivan' },
    {
      operation: 'projects.addMember',
      as: 'ivan',
      given: async ({ admin }) => {
        await admin.over('REST').users.create({ username: 'olga', email: 'olga@example.com' })
        return {}
      },
    },
    { operation: 'projects.changeRole', as: 'ivan' },
    { operation: 'projects.removeMember', as: 'ivan' },

    {
      operation: 'tasks.create',
      as: 'ivan',
      given: async ({ ivan }) => {
        const titles = Array.from({ length: 12 }, (_, nth) => `Test engine ${nth + 1}`)
        await Promise.all(titles.map((title) => ivan.over('REST').tasks.create({ projectId: 'APOLLO', title })))
        return {}
      },
    },
    { operation: 'tasks.byId', as: 'ivan' },
    { operation: 'tasks.list', as: 'ivan' },
    { operation: 'tasks.update', as: 'ivan' },
    { operation: 'tasks.move', as: 'ivan' },
    { operation: 'tasks.assign', as: 'ivan' },
    { operation: 'tasks.mine', as: 'ivan' },
    { operation: 'tasks.remove', as: 'ivan' },

    { operation: 'documents.create', as: 'ivan' },
    { operation: 'documents.list', as: 'ivan' },
    { operation: 'documents.byId', as: 'ivan', given: document },
    { operation: 'documents.update', as: 'ivan', given: document },
    { operation: 'documents.remove', as: 'ivan', given: document },

    {
      operation: 'operations.byId',
      as: 'ivan',
      given: async ({ ivan }) => {
        const headers = { prefer: 'respond-async' }
        const { body } = await ivan.ask<{ operation: string }>('POST', '/mongo', { body: {}, headers })
        return { path: { id: body.operation } }
      },
    },

    { operation: 'projects.remove', as: 'ivan' },
    { operation: 'users.logout', as: 'ivan', ends: true },
    { operation: 'users.remove', as: 'admin' },
    { operation: 'users.create', as: 'admin' },
  ]
}

/** Who is there at each step: Ivan from when he has registered, logged in again where his sessions have ended. */
export function createCast(system: System): (step: Step) => Promise<Cast> {
  const { stranger } = system.people
  let ivan: Person | undefined
  return async ({ as, ends }) => {
    if (as === 'ivan') ivan ??= await ivanNow(system)
    const cast = { stranger, admin: await system.people.admin(), ivan: ivan ?? (stranger as Person) }
    if (ends) ivan = undefined
    return cast
  }
}

import { randomBytes } from 'node:crypto'
import type { User } from '../../services/users/schema.ts'
import { type Client, createClient, type Face } from './client.ts'
import { type Answer, type Asked, ask } from './rest.ts'
import { createTrpc, type Trpc } from './trpc.ts'

export interface Credentials {
  username: string
  password: string
}

/** Somebody who is logged in. */
export interface Person extends Credentials {
  id: string
  token: string
  refreshToken: string
  /** The procedures as this person. */
  over(face: Face): Client
  trpc: Trpc
  ask<Body = unknown>(method: string, path: string, asked?: Asked): Promise<Answer<Body>>
}

export interface People {
  /** Registers somebody whose name begins so, and logs in. */
  join(name?: string): Promise<Person>
  admin(): Promise<Person>
  login(credentials: Credentials): Promise<Person>
  /** Nobody in particular. */
  stranger: Pick<Person, 'over' | 'trpc' | 'ask'>
}

/** A name that nobody has. */
export const unique = (name: string): string => `${name}-${randomBytes(4).toString('hex')}x`

const password = 'correct horse battery'

export function createPeople(url: string, admin: Credentials): People {
  const stranger = clientsOf(url)
  const open = stranger.over('REST')
  let first: Promise<Person> | undefined

  async function login(credentials: Credentials): Promise<Person> {
    const { access_token: token, refresh_token: refreshToken } = await open.users.login(credentials)
    const clients = clientsOf(url, token)
    const { body } = await clients.ask<User>('GET', '/users/me')
    return { ...credentials, id: body.id, token, refreshToken, ...clients }
  }

  return {
    stranger,
    login,
    async join(name = 'somebody') {
      const username = unique(name)
      await open.users.register({ username, email: `${username}@example.com`, password })
      return login({ username, password })
    },
    admin() {
      first ??= login(admin)
      return first
    },
  }
}

function clientsOf(url: string, token?: string): Pick<Person, 'over' | 'trpc' | 'ask'> {
  const caller = { url, token }
  return {
    over: (face) => createClient(face, caller),
    trpc: createTrpc(caller),
    ask: (method, path, asked) => ask(caller, method, path, asked),
  }
}

import { randomBytes } from 'node:crypto'
import { createApi } from '../client.ts'
import { login } from '../session.ts'
import { settled } from '../settled.ts'
import { check } from '../trouble.ts'
import type { Guest, Tour } from './guide.ts'

/** Olga is made by the admin and chooses her password with a setup token. */
export async function inviteOlga(tour: Tour): Promise<Guest> {
  const { guide, admin, tag } = tour
  guide.stop('The admin makes a user; a setup token lets her choose her own password')
  const username = `olga-${tag}`
  const email = `${username}@example.com`
  const made = await settled(
    admin.api,
    await admin.api.users.create.mutate({ username, email, fullName: 'Olga Orlova' }),
  )
  tour.tidy.push(() => remove(tour, username))
  check(made.username === username && made.role === 'member', `users.create made ${made.username}, ${made.role}.`)
  check(made.setupToken !== undefined, 'users.create gave no setup token.')
  guide.show('users.create (as the admin)', `${username}, setup token ${made.setupToken.slice(0, 6)}…`)

  const password = newPassword()
  await createApi(tour.url).users.setPassword.mutate({ setupToken: made.setupToken, password })
  guide.show('users.setPassword (with the token)', 'the token is used up')
  return enter(tour, username, password)
}

/** Ivan makes an account for himself. */
export async function registerIvan(tour: Tour): Promise<Guest> {
  const { guide, tag } = tour
  guide.stop('Somebody makes an account for himself')
  const [username, password] = [`ivan-${tag}`, newPassword()]
  const open = createApi(tour.url)
  const made = await open.users.register.mutate({ username, email: `${username}@example.com`, password })
  tour.tidy.push(() => remove(tour, username))
  guide.show('users.register', 'operation' in made ? 'accepted' : `${made.username}, ${made.role}`)
  return enter(tour, username, password)
}

async function enter({ url, guide }: Tour, username: string, password: string): Promise<Guest> {
  const session = await login(url, username, password)
  check(session.me.username === username, `users.me answered ${session.me.username} to ${username}.`)
  guide.show('users.login', `a token for ${session.tokens.expires_in} s, and one to renew it`)
  return { ...session, username, password }
}

async function remove({ admin }: Tour, username: string): Promise<string> {
  await settled(admin.api, await admin.api.users.remove.mutate({ id: username }))
  return `user ${username}`
}

const newPassword = () => randomBytes(18).toString('base64url')

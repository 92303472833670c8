import type { Tokens, User } from '../../services/users/schema.ts'
import { type Api, createApi } from './client.ts'

export interface Session {
  api: Api
  me: User
  tokens: Tokens
  /** Logs out. */
  end(): Promise<void>
}

/** Renewed so long before they expire. */
const AHEAD_MS = 60_000

/** Logs in, and stays logged in however long a script takes. */
export async function login(url: string, username: string, password: string): Promise<Session> {
  const open = createApi(url)
  const first = await open.users.login.mutate({ username, password })
  const token = staying(first, (refresh_token) => open.users.refresh.mutate({ refresh_token }))
  const api = createApi(url, token)
  return {
    api,
    tokens: first,
    me: await api.users.me.query(),
    async end() {
      await api.users.logout.mutate({})
    },
  }
}

/** The access token that is good now; whoever finds it about to expire renews it for all. */
export function staying(
  first: Tokens,
  renew: (refreshToken: string) => Promise<Tokens>,
  now: () => number = Date.now,
): () => Promise<string> {
  const until = ({ expires_in }: Tokens) => now() + expires_in * 1000 - AHEAD_MS
  let tokens = first
  let renewAt = until(first)
  let renewing: Promise<void> | undefined

  async function renewed(): Promise<void> {
    tokens = await renew(tokens.refresh_token)
    renewAt = until(tokens)
  }

  return async () => {
    if (now() >= renewAt) {
      renewing ??= renewed().finally(() => {
        renewing = undefined
      })
      await renewing
    }
    return tokens.access_token
  }
}

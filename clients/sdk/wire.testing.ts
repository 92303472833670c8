import { createSimulatedClock, type SimulatedClock } from '../../platform/commands/clock.testing.ts'
import { createClient } from './client.ts'
import type { ClientOptions } from './options.ts'
import type { Client } from './surface.ts'

/** A request as it is on the wire. */
export interface Seen {
  /** Path of the URL after /trpc/. */
  called: string
  batch: boolean
  method: string
  headers: Headers
  input: unknown
  signal: AbortSignal | undefined
}

/** What a server answers. An Error is a connection that breaks. */
export type Answer = Response | Error | Promise<Response | Error>

export interface World {
  client: Client
  clock: SimulatedClock
  /** Every request, in order. */
  seen: Seen[]
}

/** A client, and a wire that a test holds the other end of. Pauses are half of what they may be at most. */
export function createWorld(
  answer: (request: Seen, nth: number) => Answer,
  options: Partial<ClientOptions> = {},
): World {
  const clock = createSimulatedClock()
  const seen: Seen[] = []
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    const request = seenOf(new URL(String(url)), init)
    seen.push(request)
    const answered = await answer(request, seen.length)
    if (answered instanceof Error) throw answered
    return answered
  }
  const client = createClient({ url: 'http://trefoil.test', fetch, clock, random: () => 0.5, ...options })
  return { client, clock, seen }
}

function seenOf({ pathname, searchParams }: URL, { method = 'GET', headers, body, signal }: RequestInit): Seen {
  const text = method === 'POST' ? body : searchParams.get('input')
  return {
    called: pathname.slice('/trpc/'.length),
    batch: searchParams.get('batch') === '1',
    method,
    headers: new Headers(headers),
    input: typeof text === 'string' ? JSON.parse(text) : undefined,
    signal: signal ?? undefined,
  }
}

export const data = (value: unknown, headers: Record<string, string> = {}, status = 200): Response =>
  Response.json({ result: { data: value } }, { status, headers })

export const refused = (reason: string, httpStatus: number, more: object = {}): Response =>
  Response.json(errorOf(reason, httpStatus, more), { status: httpStatus })

export const errorOf = (reason: string, httpStatus: number, more: object = {}) => ({
  error: { message: `About ${reason}.`, code: -32000, data: { reason, httpStatus, code: 'X', path: 'p', ...more } },
})

export const tokens = (nth: number) => ({
  access_token: `access-${nth}`,
  token_type: 'Bearer',
  expires_in: 600,
  refresh_token: `refresh-${nth}`,
})

export const me = { id: 'x', username: 'ann' }

/** A server that takes the newest access token alone, the first of them expired, and the newest refresh token once. */
export function rotating() {
  let newest = 0
  return ({ called, headers, input }: Seen): Answer => {
    const { refresh_token } = (input ?? {}) as { refresh_token?: string }
    if (called === 'users.refresh' && refresh_token !== `refresh-${newest}`) return refused('session.invalid', 401)
    if (called === 'users.refresh' || called === 'users.login') return data(tokens(++newest))
    const valid = newest > 0 && headers.get('authorization') === `Bearer access-${newest}`
    return valid ? data(me) : refused('auth.expired', 401)
  }
}

/** Answers when it is told to. */
export function held(): { answer: Promise<Response | Error>; give(response: Response | Error): void } {
  let give: (response: Response | Error) => void = () => undefined
  const answer = new Promise<Response | Error>((resolve) => {
    give = resolve
  })
  return { answer, give }
}

export const broken = new TypeError('fetch failed')
export const never = new Promise<never>(() => undefined)

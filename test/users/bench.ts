import { afterAll, beforeAll, expect, vi } from 'vitest'
import type { Client, Face } from '../system/client.ts'
import { type People, type Person, unique } from '../system/people.ts'
import type { StartSystem, System } from '../system.ts'

/** One system for all of a suite: there once its tests run. */
export interface Bench {
  people: People
  /** An admin. */
  root: Person
  ann: Person
  bob: Person
  /** Made by the admin, without a password. */
  made(face: Face, username: string, more?: { fullName?: string }): ReturnType<Client['users']['create']>
  /** Waits until a token is good for nothing: within a second or so, on every instance. */
  isOut(token: string): Promise<void>
}

export function openBench(start: StartSystem): Bench {
  let system: System
  const bench = {
    made: (face, username, more = {}) =>
      bench.root.over(face).users.create({ username, email: `${unique('mail')}@example.com`, ...more }),
    isOut: (token) =>
      vi.waitFor(async () => {
        const headers = { authorization: `Bearer ${token}` }
        const answer = await bench.people.stranger.ask('GET', '/users/me', { headers })
        expect(answer).toMatchObject({ status: 401, body: { code: 'auth.revoked' } })
      }),
  } as Bench
  beforeAll(async () => {
    system = await start()
    bench.people = system.people
    bench.root = await bench.people.admin()
    bench.ann = await bench.people.join('ann')
    bench.bob = await bench.people.join('bob')
  })
  afterAll(() => system?.stop())
  return bench
}

import type { AnyRouter } from '@trpc/server'
import type { Actor } from '../platform/auth/actor.ts'
import { callOf, contextOf } from '../platform/http/testing/context.testing.ts'
import { hashedId } from '../platform/ids.ts'
import { straightReads } from '../platform/reads/reading.testing.ts'
import { testDatabase, userPayload } from './consumer/fixture.testing.ts'
import { createDecidingEdge } from './projects/deciding-edge.testing.ts'
import { localUsers } from './users/directory.ts'

/** Ada is an admin; the others are members. */
export const actorOf = (name: string): Actor => ({
  id: hashedId(name),
  role: name === 'ada' ? 'admin' : 'member',
  session: 's',
})

export const idsOf = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, hashedId(name)])) as Record<Name, string>

const system = { id: null, role: 'system' } as const

/** What a router is made of, over a database of its own that knows these users: each command is decided at once. */
export async function openParts(names: readonly string[]) {
  const { sql, drop } = await testDatabase()
  const { edge, decide } = createDecidingEdge(sql)
  const about = (user: string) => ({ entity: user, root: user, actor: system })
  const people = {
    make: (name: string) =>
      decide({
        ...about(hashedId(name)),
        type: 'user.create',
        payload: userPayload(name, { role: actorOf(name).role }),
      }),
    remove: (name: string) => decide({ ...about(hashedId(name)), type: 'user.remove', payload: {} }),
  }
  for (const name of names) await people.make(name)
  return {
    ...{ sql, reads: straightReads, commands: edge, watermarks: { reach: async () => true } },
    users: localUsers(sql, straightReads),
    people,
    drop,
  }
}

export type Parts = Awaited<ReturnType<typeof openParts>>

/** Calls as somebody, perhaps under a key: the answer, or the code of the error. */
export async function callAs(
  router: AnyRouter,
  name: string,
  path: string,
  input: object,
  idempotencyKey?: string,
): Promise<unknown> {
  try {
    return await callOf(router, path, input, contextOf({ actor: actorOf(name), asked: { idempotencyKey } }))
  } catch (error) {
    const code = (error as { resolved?: { code: string } }).resolved?.code
    if (!code || code === 'internal') throw error
    return code
  }
}

import { setTimeout as pause } from 'node:timers/promises'
import { expect, vi } from 'vitest'
import { walkPages } from '../system/pages.ts'
import type { Person } from '../system/people.ts'
import { unique } from '../system/people.ts'
import type { Answer } from '../system/rest.ts'

/** A change or a question that was not answered as it should have been. */
export interface Failed {
  what: string
  status: number
  body: unknown
}

/** People at work, each with requests of every kind, one after another. */
export interface Load {
  answered(): number
  failed: Failed[]
  /** Titles of the tasks whose making was answered. */
  made: string[]
  /** Resolves once so many more requests are answered. */
  goOn(requests: number): Promise<void>
  /** No more begin; resolves when those under way are answered. */
  stop(): Promise<void>
}

export interface LoadOptions {
  person: Person
  /** Id of the project that they work in. */
  project: string
  clients: number
  /** Sends a key with each change, and the change again under it where it was lost. */
  keyed?: boolean
}

export function startLoad({ person, project, clients, keyed = false }: LoadOptions): Load {
  const failed: Failed[] = []
  const made: string[] = []
  let answered = 0
  let stopping = false

  async function ask(what: string, good: readonly number[], method: string, path: string, body?: object, headers = {}) {
    const key: Record<string, string> = keyed && method !== 'GET' ? { 'idempotency-key': unique('key') } : {}
    const send = (): Promise<Answer<Record<string, unknown>>> =>
      person
        .ask<Record<string, unknown>>(method, path, { body, headers: { ...headers, ...key } })
        .catch((error: Error) => ({ status: 0, headers: new Headers(), body: { error: String(error.cause ?? error) } }))
    let answer = await send()
    for (let tries = 0; keyed && answer.status >= 502 && tries < 5; tries++) answer = await send()
    if (good.includes(answer.status)) answered += 1
    else failed.push({ what, status: answer.status, body: answer.body })
    return answer
  }

  const work = [
    async () => {
      const title = unique('made')
      const { status, body } = await ask('make', [201, 202], 'POST', '/tasks', { projectId: project, title })
      if (status < 300) made.push(title)
      if (status !== 201) return
      await ask('read', [200], 'GET', `/tasks/${body.id}`)
      await ask('change', [200, 202], 'PATCH', `/tasks/${body.id}`, { description: title })
    },
    async () => {
      const title = unique('later')
      const prefer = { prefer: 'respond-async' }
      const { status, body } = await ask('accept', [202], 'POST', '/tasks', { projectId: project, title }, prefer)
      if (status !== 202) return
      made.push(title)
      await ask('operation', [200], 'GET', `/operations/${body.operation}?wait=5`)
    },
    async () => {
      const title = unique('waited')
      const { status } = await ask(
        'wait',
        [201, 202],
        'POST',
        '/tasks',
        { projectId: project, title },
        { prefer: 'wait=10' },
      )
      if (status < 300) made.push(title)
    },
    () => ask('list', [200], 'GET', '/projects?limit=5'),
    () => ask('document', [201, 202], 'POST', '/mongo', { key: unique('value') }),
    () => ask('project', [200, 202], 'PATCH', `/projects/${project}`, { description: unique('description') }),
    () => ask('me', [200], 'GET', '/users/me'),
    () =>
      ask('query', [200], 'GET', `/trpc/projects.byId?input=${encodeURIComponent(JSON.stringify({ id: project }))}`),
    () => ask('mutation', [200, 202], 'POST', '/trpc/users.update', { id: person.id, fullName: unique('name') }),
  ]

  const running = Array.from({ length: clients }, async (_, client) => {
    for (let turn = client; !stopping; turn++) await work[turn % work.length]!()
    await pause(0)
  })

  return {
    answered: () => answered,
    failed,
    made,
    async goOn(requests) {
      const until = answered + requests
      const reached = () => expect([answered >= until, failed]).toEqual([true, []])
      await vi.waitFor(reached, { timeout: 60_000, interval: 50 })
    },
    async stop() {
      stopping = true
      await Promise.all(running)
    },
  }
}

/** Resolves once a project has the tasks whose making was answered, and no other; a consumer may have to be there again first. */
export async function expectMade({ made }: Load, person: Person, project: string): Promise<void> {
  const { tasks } = person.over('REST')
  const titles = async () => {
    const all = await walkPages((cursor) => tasks.list({ projectId: project, limit: 100, ...cursor }))
    return all.map(({ title }) => title).sort()
  }
  await vi.waitFor(async () => expect(await titles()).toEqual([...made].sort()), { timeout: 60_000 })
}

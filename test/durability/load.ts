import type { Task } from '../../services/tasks/schema.ts'
import { type Person, unique } from '../system/people.ts'
import type { Answer } from '../system/rest.ts'

/** A task that was asked for under a key; with its answer, once there was one. */
export interface Wish {
  key: string
  project: string
  title: string
  answer?: Answer<Task>
  error?: unknown
}

/** Clients that make tasks, each one after the other, as long as they are let. */
export interface Load {
  readonly wishes: readonly Wish[]
  readonly acknowledged: number
  /** Resolves when each has had its last answer. */
  stop(): Promise<void>
}

export function startLoad(person: Person, projects: readonly string[], clients: number): Load {
  const wishes: Wish[] = []
  let running = true

  async function run(project: string): Promise<void> {
    while (running) {
      const wish: Wish = { key: unique('key'), project, title: unique('task') }
      wishes.push(wish)
      await send(person, wish)
      if (wish.error) return
    }
  }
  const all = Array.from({ length: clients }, (_, nth) => run(projects[nth % projects.length]!))

  return {
    wishes,
    get acknowledged() {
      return wishes.filter(({ answer }) => answer?.status === 201).length
    },
    async stop() {
      running = false
      await Promise.all(all)
    },
  }
}

/** Also again, under the same key: then the answer is the first one's. */
export async function send(person: Person, wish: Wish): Promise<void> {
  const { key, project, title } = wish
  try {
    wish.answer = await person.ask<Task>('POST', '/tasks', {
      body: { projectId: project, title },
      headers: { 'idempotency-key': key, prefer: 'wait=10' },
    })
  } catch (error) {
    wish.error = error
  }
}

import type { AnyRouter } from '@trpc/server'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { callAs, idsOf, openParts, type Parts } from '../callers.testing.ts'
import { localProjects } from '../projects/directory.ts'
import { projectsRouter } from '../projects/router.ts'
import type { Project } from '../projects/schema.ts'
import { tasksRouter } from './router.ts'
import type { Task } from './schema.ts'
import { sqlTasks } from './store/sql.ts'

const names = ['ada', 'oleg', 'mia', 'vera', 'ivan'] as const
export type Name = (typeof names)[number]
export const id = idsOf(names)

let parts: Parts
let routers: { tasks: AnyRouter; projects: AnyRouter }

/** Apollo, in which each has a role, but Ivan, and Ada, who is an admin: made anew for each test. */
export let apollo: Project

/** Opens the routers of tasks and of their projects for the tests of a file. */
export function openRouters(): void {
  beforeAll(async () => {
    parts = await openParts(names)
    const projects = localProjects(parts.sql, parts.reads)
    routers = {
      tasks: tasksRouter({ ...parts, projects, store: sqlTasks(parts.sql) }),
      projects: projectsRouter(parts),
    }
  })
  afterAll(() => parts?.drop())
  beforeEach(async () => {
    await parts.sql.script('TRUNCATE projects; TRUNCATE tasks')
    apollo = (await as('oleg', 'projects.create', { name: 'To the Moon', key: 'APOLLO' })) as Project
    await as('oleg', 'projects.addMember', { id: 'APOLLO', user: 'mia', role: 'member' })
    await as('oleg', 'projects.addMember', { id: 'APOLLO', user: 'vera', role: 'viewer' })
  })
}

export const people = () => parts.people
export const tasks = () => routers.tasks

/** Calls as somebody: the answer, or the code of the error. */
export const as = (name: Name, path: `${keyof typeof routers}.${string}`, input: object): Promise<unknown> =>
  callAs(routers[path.split('.')[0] as keyof typeof routers], name, path, input)

export const task = (name: Name, procedure: string, input: object) =>
  as(name, `tasks.${procedure}`, input) as Promise<Task>

export const create = (input: object = {}, by: Name = 'mia') =>
  task(by, 'create', { projectId: 'APOLLO', title: 'Engine', ...input })

export async function titles(name: Name, procedure: 'list' | 'mine', input: object): Promise<string[] | string> {
  const answer = (await as(name, `tasks.${procedure}`, input)) as { items: Task[] } | string
  return typeof answer === 'string' ? answer : answer.items.map(({ title }) => title)
}

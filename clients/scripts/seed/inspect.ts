import type { Project } from '../../../services/projects/schema.ts'
import { collect, itemsOf } from '../pages.ts'
import { upTo } from '../pool.ts'
import { check } from '../trouble.ts'
import { labelOf, membersOf, shareOf, usernameEnd, userOf } from './data.ts'
import type { Gardener } from './gardener.ts'

/** What is there once a seed is done; more than was asked for where an earlier run asked for more. */
export interface Found {
  users: number
  projects: number
  tasks: number
}

/** Looks whether everything that was asked for is there, by reading it as anybody would. @throws WrongAnswer */
export async function inspect(gardener: Gardener, projects: readonly Project[]): Promise<Found> {
  const users = await inspectUsers(gardener)
  const tasks: number[] = []
  await gardener.each('checking', projects.length, projects.entries(), async ([nth, { id }]) => {
    await inspectMembers(gardener, nth, id)
    tasks.push(await inspectTasks(gardener, nth, id))
  })
  return { users, projects: projects.length, tasks: tasks.reduce((sum, some) => sum + some, 0) }
}

async function inspectUsers({ api, plan: { seed, users }, look }: Gardener): Promise<number> {
  const listed = await collect(
    itemsOf((page) => look(() => api.users.list.query({ q: usernameEnd(seed), sort: 'createdAt', ...page }))),
  )
  const names = new Set(listed.map(({ username }) => username))
  for (const nth of upTo(users)) {
    const { username } = userOf(seed, nth)
    check(names.has(username), `The user ${username} is not in the list of users.`)
  }
  return names.size
}

async function inspectMembers({ api, plan: { seed, users }, look }: Gardener, nth: number, id: string): Promise<void> {
  const { key, members } = await look(() => api.projects.byId.query({ id }))
  const wanted = membersOf(seed, nth, users).length
  check(members.length > wanted, `The project ${key} has ${members.length} members instead of ${wanted + 1}.`)
}

async function inspectTasks({ api, plan, look }: Gardener, nth: number, projectId: string): Promise<number> {
  const label = labelOf(plan.seed)
  const load = (page: { limit: number; cursor?: string }) =>
    look(() => api.tasks.list.query({ projectId, label, sort: 'createdAt', ...page }))
  const found = await collect(itemsOf(load))
  const wanted = shareOf(plan.tasks, plan.projects, nth)
  check(found.length >= wanted, `A project has ${found.length} tasks of this seed instead of ${wanted}.`)
  return found.length
}

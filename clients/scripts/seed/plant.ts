import type { Project } from '../../../services/projects/schema.ts'
import { upTo } from '../pool.ts'
import { check } from '../trouble.ts'
import { membersOf, projectOf, taskOf, userOf } from './data.ts'
import type { Gardener } from './gardener.ts'

export async function plantUsers({ api, plan: { seed, users }, plant, each }: Gardener): Promise<void> {
  await each('users', users, upTo(users), async (nth) => {
    const user = userOf(seed, nth)
    const made = await plant(`user-${nth}`, (options) => api.users.create.mutate(user, options), 'user.username_taken')
    check(!made || made.username === user.username, `users.create made ${made?.username} instead of ${user.username}.`)
  })
}

/** @returns the nth project in the nth place */
export async function plantProjects({
  api,
  plan: { seed, projects },
  plant,
  look,
  each,
}: Gardener): Promise<Project[]> {
  const all: Project[] = []
  await each('projects', projects, upTo(projects), async (nth) => {
    const project = projectOf(seed, nth)
    const { name } = project
    const made = await plant(
      `project-${nth}`,
      (options) => api.projects.create.mutate(project, options),
      'project.name_taken',
    )
    const found = made ?? (await look(() => api.projects.byName.query({ name })))
    check(found.name === name, `There is ${found.name} instead of ${name}.`)
    all[nth] = found
  })
  return all
}

export async function plantMembers({ api, plan, plant, each }: Gardener, projects: readonly Project[]): Promise<void> {
  const { seed, users } = plan
  const places = projects.flatMap(({ id }, nth) =>
    membersOf(seed, nth, users).map((member) => ({ id, nth, ...member })),
  )
  await each('members', places.length, places, async ({ id, nth, user, role }) => {
    const input = { id, user: userOf(seed, user).username, role }
    const key = `member-${nth}-${user}`
    const joined = await plant(key, (options) => api.projects.addMember.mutate(input, options), 'member.exists')
    check(!joined || joined.id === id, `projects.addMember answered ${joined?.key} instead of ${projects[nth]?.key}.`)
  })
}

export async function plantTasks({ api, plan, plant, each }: Gardener, projects: readonly Project[]): Promise<void> {
  const { seed, users, tasks } = plan
  const members = projects.map((_, project) => membersOf(seed, project, users))

  await each('tasks', tasks, upTo(tasks), async (turn) => {
    const [project, nth] = [turn % projects.length, Math.floor(turn / projects.length)]
    const { input, assignee, moves } = taskOf(seed, project, nth, members[project]!)
    const key = `task-${project}-${nth}`
    const wanted = {
      ...input,
      projectId: projects[project]!.id,
      ...(assignee !== undefined && { assignee: userOf(seed, assignee).username }),
    }
    const made = await plant(key, (options) => api.tasks.create.mutate(wanted, options))
    if (!made) return
    check(made.title === input.title && made.state === input.state, `tasks.create made ${JSON.stringify(made)}.`)
    for (const state of moves) {
      const move = { id: made.id, state }
      const moved = await plant(`${key}-${state}`, (options) => api.tasks.move.mutate(move, options))
      check(!moved || moved.state === state, `tasks.move brought ${made.code} to ${moved?.state} instead of ${state}.`)
    }
  })
}

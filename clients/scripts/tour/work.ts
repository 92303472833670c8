import type { Project } from '../../../services/projects/schema.ts'
import type { Task } from '../../../services/tasks/schema.ts'
import { collect, itemsOf } from '../pages.ts'
import { settled } from '../settled.ts'
import { check, refusalOf } from '../trouble.ts'
import type { Guest, Tour } from './guide.ts'

/** Olga owns a project, and Ivan works in it. */
export async function makeProject(tour: Tour, olga: Guest, ivan: Guest): Promise<Project> {
  const { guide, tag } = tour
  guide.stop('She makes a project and adds him; before that it does not exist for him')
  const name = `Apollo ${tag}`
  const made = await settled(olga.api, await olga.api.projects.create.mutate({ name, description: 'To the Moon' }))
  tour.tidy.push(async () => {
    await settled(olga.api, await olga.api.projects.remove.mutate({ id: made.id }))
    return `project ${made.key} with its tasks`
  })
  check(made.name === name, `projects.create made ${made.name} instead of ${name}.`)
  guide.show('projects.create', `${made.name}, key ${made.key}, number ${made.number}`)

  const hidden = await refusalOf(ivan.api.projects.byId.query({ id: made.key }), 'Reading a project as no member')
  check(hidden.httpStatus === 404, `A project was refused to no member with ${hidden.httpStatus} instead of 404.`)
  guide.show(`projects.byId ${made.key} (as Ivan)`, `${hidden.httpStatus} ${hidden.reason}`)

  const joined = await settled(
    olga.api,
    await olga.api.projects.addMember.mutate({ id: made.id, user: ivan.username, role: 'member' }),
  )
  check(
    joined.members.some(({ userId, role }) => userId === ivan.me.id && role === 'member'),
    'projects.addMember answered a project without the new member.',
  )
  guide.show('projects.addMember', `${joined.members.length} members, version ${joined.version}`)

  const seen = await ivan.api.projects.byId.query({ id: made.key })
  check(seen.id === made.id && seen.version === joined.version, 'Ivan does not see the project as it was answered.')
  guide.show(`projects.byId ${made.key} (as Ivan)`, `${seen.name}: he sees it at once`)
  return joined
}

/** Tasks in a row, numbered without a gap. */
export async function makeTasks({ guide }: Tour, olga: Guest, ivan: Guest, project: Project): Promise<Task[]> {
  guide.stop('Tasks: numbered in their project, assigned to members')
  const titles = ['Test the engine', 'Fuel it', 'Проверить двигатель'] as const
  const tasks: Task[] = []
  for (const title of titles) {
    const input = { projectId: project.key, title, labels: ['tour'], assignee: ivan.username }
    const task = await settled(olga.api, await olga.api.tasks.create.mutate(input))
    check(task.title === title && task.assigneeId === ivan.me.id, `tasks.create made ${JSON.stringify(task)}.`)
    check(task.code === `${project.key}-${tasks.length + 1}`, `Task ${tasks.length + 1} has the code ${task.code}.`)
    guide.show('tasks.create', `${task.code} ${task.title}, ${task.state}`)
    tasks.push(task)
  }
  const mine = await collect(itemsOf((page) => ivan.api.tasks.mine.query(page)))
  check(
    tasks.every(({ id }) => mine.some((one) => one.id === id)),
    'tasks.mine does not have what was assigned to Ivan.',
  )
  guide.show('tasks.mine (as Ivan)', mine.map(({ code }) => code).join(', '))
  return tasks
}

/** A move that is allowed, one that is not, and one of somebody who has seen an older version. */
export async function moveTasks({ guide }: Tour, ivan: Guest, [task]: Task[]): Promise<void> {
  check(task !== undefined, 'There is no task to move.')
  guide.stop('He moves one; what is refused says why, with a stable code')
  const moved = await settled(ivan.api, await ivan.api.tasks.move.mutate({ id: task.code, state: 'todo' }))
  check(moved.state === 'todo' && moved.version === task.version + 1, `tasks.move answered ${JSON.stringify(moved)}.`)
  guide.show(`tasks.move ${task.code} todo`, `${moved.state}, version ${moved.version}`)

  const illegal = await refusalOf(
    ivan.api.tasks.move.mutate({ id: task.code, state: 'done' }),
    'A move from todo to done',
  )
  check(illegal.reason === 'task.illegal_move', `A move from todo to done was refused with ${illegal.reason}.`)
  check(Array.isArray(illegal.allowed), 'task.illegal_move does not say what is allowed.')
  guide.show(
    `tasks.move ${task.code} done`,
    `${illegal.httpStatus} ${illegal.reason}, allowed: ${illegal.allowed.join(', ')}`,
  )

  const late = ivan.api.tasks.update.mutate({ id: task.code, title: 'Late', expectedVersion: task.version })
  const stale = await refusalOf(late, 'A change of a version that is no more')
  check(stale.reason === 'version.mismatch', `A change of an old version was refused with ${stale.reason}.`)
  guide.show(`tasks.update, expectedVersion ${task.version}`, `${stale.httpStatus} ${stale.reason}`)
}

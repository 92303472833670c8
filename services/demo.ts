import type { Command } from '../platform/commands/command.ts'
import type { SystemSender } from '../platform/commands/send/system-sender.ts'
import { hashedId } from '../platform/ids.ts'
import type { Queryable } from '../platform/sql/port.ts'
import { addToProject, createProject } from './projects/drafts.ts'
import type { Role, StoredProject } from './projects/schema.ts'
import { assignTask, createTask, moveTask } from './tasks/drafts.ts'
import type { Priority, State, StoredTask } from './tasks/schema.ts'
import { createUser } from './users/drafts.ts'

/** What a newcomer finds: two projects, three users, a board that has been worked on. */
const people = {
  surveyor: { username: 'surveyor', email: 'surveyor@example.com', fullName: 'Demo Surveyor' },
  electrician: { username: 'electrician', email: 'electrician@example.com', fullName: 'Demo Electrician' },
  sadovnik: { username: 'sadovnik', email: 'sadovnik@example.com', fullName: 'Демо Садовник' },
} as const
type Person = keyof typeof people

interface DemoTask {
  title: string
  description?: string
  state?: State
  priority?: Priority
  assignee?: Person
  dueDate?: string
  labels?: string[]
  /** Title of the task that it is below. */
  below?: string
}

const projects: readonly {
  name: string
  description: string
  key: string
  members: readonly (readonly [Person, Role])[]
  tasks: readonly DemoTask[]
}[] = [
  {
    name: 'Harbour Lights',
    description: 'New lanterns along the old pier.',
    key: 'HARBOUR',
    members: [
      ['surveyor', 'maintainer'],
      ['electrician', 'member'],
      ['sadovnik', 'viewer'],
    ],
    tasks: [
      { title: 'Survey the pier', state: 'done', assignee: 'surveyor', labels: ['field'] },
      {
        title: 'Choose the lanterns',
        state: 'in_review',
        priority: 'high',
        assignee: 'electrician',
        labels: ['design'],
      },
      {
        title: 'Ask three makers for offers',
        below: 'Choose the lanterns',
        state: 'in_progress',
        assignee: 'electrician',
      },
      { title: 'Lay the cable', state: 'todo', priority: 'urgent', dueDate: '2030-04-12', labels: ['field', 'power'] },
      { title: 'Invite the neighbours', description: 'Coffee, a map, and the two designs.', dueDate: '2030-05-02' },
    ],
  },
  {
    name: 'Сад на крыше',
    description: 'A garden on the roof: beds, water, bees.',
    key: 'SAD',
    members: [
      ['sadovnik', 'owner'],
      ['surveyor', 'member'],
    ],
    tasks: [
      { title: 'Check what the roof carries', state: 'done', priority: 'high', assignee: 'sadovnik' },
      { title: 'Build six raised beds', state: 'in_progress', assignee: 'surveyor', labels: ['wood'] },
      { title: 'Посадить ёлку', state: 'todo', labels: ['plants'] },
      { title: 'Find a beekeeper', state: 'cancelled', priority: 'low' },
    ],
  },
]

/** The moves that lead from a new task to a state. */
const paths: Record<State, readonly State[]> = {
  backlog: [],
  todo: ['todo'],
  in_progress: ['todo', 'in_progress'],
  in_review: ['todo', 'in_progress', 'in_review'],
  done: ['todo', 'in_progress', 'in_review', 'done'],
  cancelled: ['cancelled'],
}

/**
 * Puts the demo data into an installation, once: through the log, as the first admin. Ids are made of the names, so that a start
 * that was cut short is taken up where it ended.
 * @returns whether there was something to do
 */
export async function ensureDemoData(sql: Queryable, system: SystemSender): Promise<boolean> {
  const done = await sql.query(`SELECT 1 FROM system WHERE name = 'demo'`)
  if (done.length > 0) return false
  const [admin] = await sql.query<{ id: string }>(
    `SELECT id FROM users WHERE role = 'admin' AND NOT deleted ORDER BY created_at, id LIMIT 1`,
  )
  if (!admin) throw new Error('The demo data needs an admin.')
  await writeDemoData(system, { id: admin.id, role: 'admin' })
  await rememberDemoData(sql)
  return true
}

/** There is none to be put in: it is there, or was. */
export const rememberDemoData = (sql: Queryable) =>
  sql.query(`INSERT INTO system (name, value) VALUES ('demo', 'true') ON CONFLICT (name) DO NOTHING`)

async function writeDemoData(system: SystemSender, actor: Command['actor']): Promise<void> {
  const idOf = (...names: string[]) => hashedId('demo', ...names)
  for (const [name, person] of Object.entries(people))
    await system.send(createUser(idOf('user', name), person), { actor })

  for (const { name, description, key, members, tasks } of projects) {
    const draft = createProject(idOf('project', name), { name, description }, [key])
    const project = (await system.send(draft, { actor })) as StoredProject
    for (const [person, role] of members) {
      await system.send(addToProject(project, idOf('user', person), role), { actor })
    }
    const made: (readonly [StoredTask, DemoTask])[] = []
    for (const task of tasks) made.push([await makeTask(project, task), task])
    await Promise.all(made.map(([task, wanted]) => workOn(task, wanted)))
  }

  async function makeTask(project: StoredProject, { below, assignee, state, ...said }: DemoTask): Promise<StoredTask> {
    const id = (title: string) => idOf('task', project.name, title)
    const parentId = below === undefined ? null : id(below)
    const draft = createTask(id(said.title), project.id, said, { assigneeId: null, parentId })
    return (await system.send(draft, { actor, mark: 'served' })) as StoredTask
  }

  async function workOn(task: StoredTask, { assignee, state = 'backlog' }: DemoTask): Promise<void> {
    if (assignee) await system.send(assignTask(task, idOf('user', assignee)), { actor, mark: 'served' })
    for (const next of paths[state]) await system.send(moveTask(task, next), { actor, mark: 'served' })
  }
}

import type { Logger } from 'pino'
import type { Command, Draft, Entity } from '../platform/commands/command.ts'
import type { SystemSender } from '../platform/commands/send/system-sender.ts'
import type { Mark } from '../platform/commands/watermarks/watermarks.ts'
import { Failure } from '../platform/errors/failure.ts'
import { resolve } from '../platform/errors/resolve.ts'
import { hashedId } from '../platform/ids.ts'
import type { Queryable } from '../platform/sql/port.ts'
import { allCodes } from './catalog.ts'
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

export interface DemoParts {
  sql: Queryable
  system: SystemSender
  log: Pick<Logger, 'warn'>
}

/**
 * Decides at the first start, for good, whether demo data is put in: where it is wanted, and nobody but the first admin is there.
 * It goes through the log, as that admin. Ids are made of the names, so that a start that was cut short is taken up where it ended,
 * whoever has come since.
 */
export async function ensureDemoData(parts: DemoParts, wanted: boolean): Promise<void> {
  const { sql } = parts
  const decided = await decisionOf(sql)
  if (decided === true) return
  if (wanted || decided) {
    const [admin] = await firstAdmins(sql)
    if (!admin) throw new Error('The demo data needs an admin.')
    if (decided || (await isEmptyBut(sql, [admin, ...demoIds()]))) {
      await sql.query(`INSERT INTO system (name, value) VALUES ('demo', '"begun"') ON CONFLICT (name) DO NOTHING`)
      await writeDemoData(parts, { id: admin, role: 'admin' })
    }
  }
  await remember(sql)
}

/**
 * For a database that was made again from the log, and may have lost the decision: where somebody has come, it was decided.
 * Nobody has where a first start was cut short, so that the next one goes on; what was sent before has its first outcome.
 */
export async function recallDemoData(sql: Queryable): Promise<void> {
  if (await decisionOf(sql)) return
  if (!(await isEmptyBut(sql, [...(await firstAdmins(sql)), ...demoIds()]))) await remember(sql)
}

async function decisionOf(sql: Queryable): Promise<true | 'begun' | undefined> {
  const [row] = await sql.query<{ value: true | 'begun' }>(`SELECT value FROM system WHERE name = 'demo'`)
  return row?.value
}

/** It is decided: there is demo data, or was, or there will be none. */
const remember = (sql: Queryable) =>
  sql.query(`INSERT INTO system (name, value) VALUES ('demo', 'true') ON CONFLICT (name) DO UPDATE SET value = 'true'`)

/** One, or none yet. */
async function firstAdmins(sql: Queryable): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT id FROM users WHERE role = 'admin' AND NOT deleted ORDER BY created_at, id LIMIT 1`,
  )
  return rows.map(({ id }) => id)
}

const idOf = (...names: string[]) => hashedId('demo', ...names)
const demoIds = () => [
  ...Object.keys(people).map((name) => idOf('user', name)),
  ...projects.map(({ name }) => idOf('project', name)),
]

async function isEmptyBut(sql: Queryable, ids: readonly string[]): Promise<boolean> {
  const others = await sql.query(
    `SELECT 1 FROM users WHERE id <> ALL($1::uuid[]) UNION ALL SELECT 1 FROM projects WHERE id <> ALL($1::uuid[]) LIMIT 1`,
    [ids],
  )
  return others.length === 0
}

/** What is unavailable for now is none. */
const isRejection = (error: unknown): error is Failure =>
  error instanceof Failure && resolve(error, allCodes).status !== 503

async function writeDemoData({ system, log }: DemoParts, actor: Command['actor']): Promise<void> {
  const there = new Set<Person>()
  for (const [name, person] of Object.entries(people)) {
    if (await send(createUser(idOf('user', name), person))) there.add(name as Person)
  }
  for (const { name, description, key, members, tasks } of projects) {
    const draft = createProject(idOf('project', name), { name, description }, [key])
    const project = (await send(draft)) as StoredProject | undefined
    if (!project) continue
    for (const [person, role] of members) {
      if (there.has(person)) await send(addToProject(project, idOf('user', person), role))
    }
    const made: (readonly [StoredTask | undefined, DemoTask])[] = []
    for (const task of tasks) made.push([await makeTask(project, task), task])
    await Promise.all(made.map(([task, wanted]) => task && workOn(task, wanted)))
  }

  async function makeTask(
    project: StoredProject,
    { below, assignee, state, ...said }: DemoTask,
  ): Promise<StoredTask | undefined> {
    const id = (title: string) => idOf('task', project.name, title)
    const parentId = below === undefined ? null : id(below)
    const draft = createTask(id(said.title), project.id, said, { assigneeId: null, parentId })
    return (await send(draft, 'served')) as StoredTask | undefined
  }

  async function workOn(task: StoredTask, { assignee, state = 'backlog' }: DemoTask): Promise<void> {
    if (assignee && there.has(assignee)) await send(assignTask(task, idOf('user', assignee)), 'served')
    for (const next of paths[state]) await send(moveTask(task, next), 'served')
  }

  /** Undefined where it is refused, because the admin has that name, say: it is left out, and what belongs to it. */
  async function send(draft: Draft, mark: Mark = 'decided'): Promise<Entity | undefined> {
    try {
      return await system.send(draft, { actor, mark })
    } catch (error) {
      if (!isRejection(error)) throw error
      log.warn({ code: error.code, type: draft.type, entity: draft.entity }, 'a part of the demo data was left out')
      return undefined
    }
  }
}

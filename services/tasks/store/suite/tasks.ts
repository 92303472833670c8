import { afterAll, beforeAll, beforeEach } from 'vitest'
import { commandOf, worldOf } from '../../../../platform/commands/world.testing.ts'
import { hashedId } from '../../../../platform/ids.ts'
import { taskPayload } from '../../../consumer/fixture.testing.ts'
import { apollo, users } from '../../../projects/apollo.testing.ts'
import { rules } from '../../rules.ts'
import type { CreateTask, StoredTask } from '../../schema.ts'
import type { TaskStore, TasksAsked } from '../port.ts'

export interface TaskFixture {
  store: TaskStore
  /** As the consumer writes them. */
  save(...tasks: readonly StoredTask[]): Promise<void>
  empty(): Promise<void>
  close(): Promise<void>
}

/** A store opened for a suite, empty before each test. */
export interface Bench extends Omit<TaskFixture, 'close'> {
  /** Of the tasks that are listed. */
  numbers(asked?: Partial<TasksAsked>): Promise<number[]>
}

export function openBench(open: () => Promise<TaskFixture>): Bench {
  let fixture: TaskFixture | undefined
  beforeAll(async () => {
    fixture = await open()
  }, 60_000)
  afterAll(() => fixture?.close())
  beforeEach(() => now().empty())

  // Tests are written down before anything is open.
  function now(): TaskFixture {
    if (!fixture) throw new Error('the store is not open')
    return fixture
  }
  const store: TaskStore = {
    byId: (id) => now().store.byId(id),
    byNumber: (project, number) => now().store.byNumber(project, number),
    list: (asked) => now().store.list(asked),
  }
  return {
    store,
    save: (...tasks) => now().save(...tasks),
    empty: () => now().empty(),
    numbers: async (asked = {}) => (await store.list({ ...everything, ...asked })).map(({ number }) => number),
  }
}

export const [luna, mars] = [hashedId('luna'), hashedId('mars')]
export const [ivan, olga] = [hashedId('ivan'), hashedId('olga')]

/** The nth minute of the first day. */
export const day = (nth: number) => new Date(Date.UTC(2026, 0, 1, 0, nth)).toISOString()

/** A task of Luna as the rules make it of what somebody says, made in the minute of its number. */
export function task(number: number, said: Partial<CreateTask> = {}, more: Partial<StoredTask> = {}): StoredTask {
  const payload = taskPayload(`Task ${number}`, said)
  const decision = rules.decide(
    commandOf('task.create', hashedId('task', String(number)), { ...payload, assigneeId: null }, { root: apollo.id }),
    worldOf({ entities: { user: users, project: [apollo] } }),
  )
  if ('rejection' in decision) throw new Error(decision.rejection.code)
  const made = decision.events[0]!.data as StoredTask
  const at = { createdAt: day(number), updatedAt: day(number) }
  return { ...made, projectId: luna, number, assigneeId: payload.assigneeId, ...at, ...more }
}

const everything: TasksAsked = {
  projects: [luna],
  sort: { key: 'createdAt', descending: false },
  from: undefined,
  limit: 100,
}

import { afterAll, beforeAll } from 'vitest'
import type { Project } from '../../services/projects/schema.ts'
import type { Task } from '../../services/tasks/schema.ts'
import { type People, type Person, unique } from '../system/people.ts'
import type { Answer } from '../system/rest.ts'
import type { StartSystem, System } from '../system.ts'

export interface Receipt {
  status: 'accepted'
  operation: string
  id: string
  token: string
}

/** One system for all of a suite: there once its tests run. */
export interface Bench {
  people: People
  ann: Person
  bob: Person
  /** Ann's. */
  project: Project
  newTask(title?: string): Promise<Task>
  /** Of the operation that a receipt tells of. */
  outcomeOf(answer: Answer): Promise<{ status: string; error?: { code: string } }>
}

export function openBench(start: StartSystem): Bench {
  let system: System
  const bench = {
    newTask: (title = 'A task') => bench.ann.over('REST').tasks.create({ projectId: bench.project.id, title }),
    async outcomeOf({ headers }) {
      const { body } = await bench.ann.ask<{ status: string }>('GET', `${headers.get('location')}?wait=10`)
      return body
    },
  } as Bench
  beforeAll(async () => {
    system = await start()
    bench.people = system.people
    bench.ann = await bench.people.join('ann')
    bench.bob = await bench.people.join('bob')
    bench.project = await bench.ann.over('REST').projects.create({ name: unique('write path') })
  })
  afterAll(() => system?.stop())
  return bench
}

import { createCaughtUp } from '../../../platform/mongo/caught-up.ts'
import { mongoCursors } from '../../../platform/mongo/cursors.ts'
import type { MongoReader } from '../../../platform/mongo/reader.ts'
import type { Queryable } from '../../../platform/sql/port.ts'
import type { TaskStore } from './port.ts'
import { sqlTasks } from './sql.ts'

export type { TaskStore } from './port.ts'

/** The table that the consumer decides in; MongoDB where there is one, as soon as it holds everything. */
export async function openTaskStore(sql: Queryable, mongo: MongoReader | undefined): Promise<TaskStore> {
  const table = sqlTasks(sql)
  if (!mongo) return table
  const { mongoTasks } = await import('./mongo.ts')
  const collection = mongoTasks(mongo)
  const cursors = mongoCursors(mongo.db)
  const caughtUp = createCaughtUp(sql, { all: () => mongo.read(() => cursors.all()) })
  const store = async () => ((await caughtUp()) ? collection : table)
  return {
    byId: async (id) => (await store()).byId(id),
    byNumber: async (project, number) => (await store()).byNumber(project, number),
    list: async (asked) => (await store()).list(asked),
  }
}

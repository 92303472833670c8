import { chooseStore } from '../../../platform/mongo/choose-store.ts'
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
  const read = chooseStore(sql, mongo, { table, collection: mongoTasks(mongo) })
  return {
    byId: (id) => read((store) => store.byId(id)),
    byNumber: (project, number) => read((store) => store.byNumber(project, number)),
    list: (asked) => read((store) => store.list(asked)),
  }
}

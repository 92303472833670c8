import type { Db } from 'mongodb'
import type { Queryable } from '../../../platform/sql/port.ts'
import type { TaskStore } from './port.ts'
import { sqlTasks } from './sql.ts'

export type { TaskStore } from './port.ts'

/** MongoDB where there is one, otherwise the table that the consumer decides in. */
export async function openTaskStore(sql: Queryable, mongo: Db | undefined): Promise<TaskStore> {
  return mongo ? (await import('./mongo.ts')).mongoTasks(mongo) : sqlTasks(sql)
}

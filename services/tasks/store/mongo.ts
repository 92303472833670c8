import type { Db, Filter } from 'mongodb'
import type { MongoReader } from '../../../platform/mongo/reader.ts'
import { regexContains } from '../../../platform/text.ts'
import type { StoredTask } from '../schema.ts'
import { LAST_DAY, type TaskStore, type TasksAsked } from './port.ts'

type MongoTask = StoredTask & { _id: string }

export function mongoTasks({ db, read }: MongoReader): TaskStore {
  const collection = db.collection<MongoTask>('tasks')
  const one = async (filter: Filter<MongoTask>) => {
    const found = await read(() => collection.findOne(filter))
    return found ? fromMongo(found) : undefined
  }
  return {
    byId: (id) => one({ _id: id }),
    byNumber: (project, number) => one({ projectId: project, number, deleted: { $ne: true } }),
    async list(asked) {
      const { key, descending } = asked.sort
      const order = descending ? -1 : 1
      const sorted = () => collection.find(filterOf(asked)).sort({ [key]: order, _id: order })
      const found = await read(() => sorted().limit(asked.limit).toArray())
      return found.map(fromMongo)
    },
  }
}

/** Made by the consumer, before it writes the first task. */
export async function indexTasks(db: Db): Promise<void> {
  const collection = db.collection('tasks')
  await collection.createIndex({ projectId: 1, createdAt: -1, _id: -1 }, { name: 'by_age' })
  await collection.createIndex({ projectId: 1, number: 1 }, { name: 'by_number' })
  await collection.createIndex({ assigneeId: 1, createdAt: -1, _id: -1 }, { name: 'by_assignee' })
}

const fromMongo = ({ _id, ...task }: MongoTask): StoredTask => task

/** Each leaf is a typed scalar put there by name; nothing that a client sends is spread into a filter. */
function filterOf(asked: TasksAsked): Filter<MongoTask> {
  const { projects, assignee, assigned, states, priorities, label, text, dueFrom, dueTo, from } = asked
  const all: Filter<MongoTask>[] = [{ projectId: { $in: [...projects] } }, { deleted: { $ne: true } }]
  if (assignee !== undefined) all.push({ assigneeId: assignee })
  if (assigned !== undefined) all.push({ assigneeId: assigned ? { $ne: null } : null })
  if (states) all.push({ state: { $in: [...states] } })
  if (priorities) all.push({ priority: { $in: [...priorities] } })
  if (label !== undefined) all.push({ labels: label })
  if (text !== undefined) all.push({ search: { $regex: regexContains(text) } })
  if (dueFrom) all.push({ dueKey: { $gte: dueFrom } })
  if (dueFrom || dueTo) all.push({ dueKey: { $lte: dueTo ?? LAST_DAY } })
  if (from) all.push(beyond(from, asked.sort))
  return { $and: all }
}

function beyond([value, id]: readonly [string, string], { key, descending }: TasksAsked['sort']): Filter<MongoTask> {
  const than = descending ? '$lt' : '$gt'
  return { $or: [{ [key]: { [than]: value } }, { [key]: value, _id: { [than]: id } }] } as Filter<MongoTask>
}

import type { Db, Filter } from 'mongodb'
import { regexContains } from '../../../platform/text.ts'
import type { StoredTask } from '../schema.ts'
import { LAST_DAY, type TaskStore, type TasksAsked } from './port.ts'

type MongoTask = StoredTask & { _id: string }

/** Every filter is made here of typed scalars; nothing that a client sends is spread into one. */
export function mongoTasks(db: Db): TaskStore {
  const collection = db.collection<MongoTask>('tasks')
  return {
    async byId(id) {
      return plain(await collection.findOne({ _id: id }))
    },
    async byNumber(project, number) {
      return plain(await collection.findOne({ projectId: project, number, deleted: { $ne: true } }))
    },
    async list(asked) {
      const { key, descending } = asked.sort
      const order = descending ? -1 : 1
      const found = await collection
        .find(filterOf(asked))
        .sort({ [key]: order, _id: order })
        .limit(asked.limit)
        .toArray()
      return found.map((task) => plain(task)!)
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

function plain(task: MongoTask | null): StoredTask | undefined {
  if (!task) return undefined
  const { _id, ...entity } = task
  return entity
}

function filterOf(asked: TasksAsked): Filter<MongoTask> {
  const [only] = asked.projects
  const all: Filter<MongoTask>[] = [
    { projectId: asked.projects.length === 1 ? only! : { $in: [...asked.projects] } },
    { deleted: { $ne: true } },
  ]
  if (asked.assignee === null || asked.assigned === false) all.push({ assigneeId: null })
  else if (asked.assignee) all.push({ assigneeId: asked.assignee })
  if (asked.assigned === true) all.push({ assigneeId: { $ne: null } })
  if (asked.states) all.push({ state: { $in: [...asked.states] } })
  if (asked.priorities) all.push({ priority: { $in: [...asked.priorities] } })
  if (asked.label !== undefined) all.push({ labels: asked.label })
  if (asked.text !== undefined) all.push({ search: { $regex: regexContains(asked.text) } })
  if (asked.dueFrom) all.push({ dueKey: { $gte: asked.dueFrom } })
  if (asked.dueTo) all.push({ dueKey: { $lte: asked.dueTo } })
  if (asked.dueFrom || asked.dueTo) all.push({ dueKey: { $lte: LAST_DAY } })
  if (asked.from) all.push(beyond(asked.from, asked.sort))
  return { $and: all }
}

function beyond([value, id]: readonly [string, string], { key, descending }: TasksAsked['sort']): Filter<MongoTask> {
  const than = descending ? '$lt' : '$gt'
  return { $or: [{ [key]: { [than]: value } }, { [key]: value, _id: { [than]: id } }] } as Filter<MongoTask>
}

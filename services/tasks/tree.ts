import { reject, type World } from '../../platform/commands/decide.ts'
import type { StoredTask } from './schema.ts'

/** A task without a parent stands at 1. */
export const MAX_DEPTH = 5

/**
 * What forbids this parent to a task, which may be new; undefined where nothing does. Its ancestors have to be loaded, and
 * the descendants of the task.
 */
export function parentRefusal(parentId: string, task: { id: string; projectId: string }, world: World) {
  const parent = world.one<StoredTask>('task', parentId)
  if (!parent || parent.deleted || parent.projectId !== task.projectId) return reject('task.parent_not_found')
  const above = ancestry(parent, world)
  if (above.some(({ id }) => id === task.id)) return reject('task.parent_cycle')
  if (world.truncated('task', task.id)) return reject('task.too_large')
  return above.length + heightOf(task.id, world) > MAX_DEPTH ? reject('task.too_deep') : undefined
}

export function hasSubtasks(id: string, world: World): boolean {
  if (world.truncated('task', id)) return true
  for (const task of world.all<StoredTask>('task')) if (task.parentId === id && !task.deleted) return true
  return false
}

/** A task and those above it. */
function ancestry(task: StoredTask, world: World): StoredTask[] {
  const above = [task]
  let parent = parentOf(task, world)
  while (parent && above.length <= MAX_DEPTH) {
    above.push(parent)
    parent = parentOf(parent, world)
  }
  return above
}

const parentOf = ({ parentId }: StoredTask, world: World): StoredTask | undefined =>
  parentId === null ? undefined : world.one<StoredTask>('task', parentId)

/** How many levels a task and those below it take. */
function heightOf(id: string, world: World): number {
  let level = new Set([id])
  let height = 0
  const living = [...world.all<StoredTask>('task')].filter(({ deleted }) => !deleted)
  while (level.size > 0 && height <= MAX_DEPTH) {
    height++
    const above = level
    level = new Set(living.filter(({ parentId }) => parentId !== null && above.has(parentId)).map((task) => task.id))
  }
  return height
}

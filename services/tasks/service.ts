import type { Service } from '../../platform/service.ts'
import { codes as projectCodes } from '../projects/contract.ts'
import { codes as userCodes } from '../users/contract.ts'
import { codes, tasks } from './contract.ts'
import { type TasksParts, tasksRouter } from './router.ts'

/** What is said of the projects and users that tasks refer to is said in their own words. */
export const openTasks = (parts: TasksParts): Service => ({
  name: 'tasks',
  contract: tasks,
  codes: { ...projectCodes, ...userCodes, ...codes },
  router: tasksRouter(parts),
})

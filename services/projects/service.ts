import type { Service } from '../../platform/service.ts'
import { codes as userCodes } from '../users/contract.ts'
import { codes, projects } from './contract.ts'
import { type ProjectsParts, projectsRouter } from './router.ts'

/** What is said of the users that projects refer to is said in their own words. */
export const openProjects = (parts: ProjectsParts): Service => ({
  name: 'projects',
  contract: projects,
  codes: { ...userCodes, ...codes },
  router: projectsRouter(parts),
})

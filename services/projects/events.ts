import { eventsOf } from '../../platform/commands/decide.ts'
import { eventSchema, type ProjectEvent, type StoredProject } from './schema.ts'

/** What has become of a project, as the decision. */
export const become = eventsOf<StoredProject, ProjectEvent>('project', eventSchema)

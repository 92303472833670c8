import type { Command, Event } from '../../platform/commands/command.ts'
import type { Decision } from '../../platform/commands/decide.ts'
import { eventSchema, type ProjectEvent, type StoredProject } from './schema.ts'

export function become(type: ProjectEvent, data: StoredProject): Decision {
  const event: Event<StoredProject> = {
    type,
    schema: eventSchema,
    kind: 'project',
    id: data.id,
    version: data.version,
    data,
  }
  return { events: [event] }
}

/** The project as its next version, with this changed. */
export const next = (project: StoredProject, command: Command, changed: Partial<StoredProject>): StoredProject => ({
  ...project,
  ...changed,
  version: project.version + 1,
  updatedAt: command.at,
})

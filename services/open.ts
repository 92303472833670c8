import type { Platform } from '../platform/open.ts'
import type { Service } from '../platform/service.ts'
import type { ServiceName } from './catalog.ts'
import { openDocuments } from './documents/service.ts'
import { openDocumentStore } from './documents/store/mod.ts'
import { localProjects, type ProjectDirectory, remoteProjects } from './projects/directory.ts'
import { openProjects } from './projects/service.ts'
import { openTasks } from './tasks/service.ts'
import { openTaskStore } from './tasks/store/mod.ts'
import { localUsers, remoteUsers, type UserDirectory } from './users/directory.ts'
import { openUsers, type UsersService } from './users/service.ts'

/** Where a service looks up what another one owns: in this process, unless a URL says where. */
export interface Directories {
  users: UserDirectory
  projects: ProjectDirectory
}

export function directoriesOf({ sql, reads, config }: Platform, together: boolean): Directories {
  return {
    users: !together && config.usersUrl ? remoteUsers(config.usersUrl) : localUsers(sql, reads),
    projects: !together && config.projectsUrl ? remoteProjects(config.projectsUrl, reads) : localProjects(sql, reads),
  }
}

export interface OpenService extends Service {
  close?(): Promise<void>
}

type Opener = (platform: Platform, directories: Directories) => Promise<OpenService>

/** How each service is opened; whoever adds an entity adds a line. */
export const openers = {
  users: openUsersOn,
  projects: async (platform, { users }) => openProjects({ ...platform, users }),
  tasks: async (platform, directories) =>
    openTasks({ ...platform, ...directories, store: await openTaskStore(platform.sql, platform.mongo?.reader) }),
  documents: async (platform) =>
    openDocuments({ ...platform, store: await openDocumentStore(platform.sql, platform.mongo?.reader) }),
} as const satisfies Record<ServiceName, Opener>

export function openUsersOn(platform: Platform): Promise<UsersService> {
  const { sql, reads, commands, watermarks, logger, config, secrets } = platform
  const { issuer, audience } = config
  return openUsers({ sql, reads, commands, watermarks, log: logger, issuer, audience, secrets })
}

import { readConfig } from '../platform/config/config.ts'
import type { Sql } from '../platform/sql/port.ts'
import { createLogger } from '../platform/telemetry/log.ts'
import { everything, start } from '../services/start.ts'
import { createPeople, type People } from './system/people.ts'
import { emptyPlace, type Place, preparedPlace, realPlace } from './system/place.ts'

/** A running Trefoil as its users have it: an address, and people who can log in. */
export interface System {
  url: string
  people: People
  /** Looks into its database as it was when the system had just been made. */
  database<T>(look: (sql: Sql) => Promise<T>): Promise<T>
  /** Stops it in order and removes what it stood on. */
  stop(): Promise<void>
}

export type Settings = Readonly<Record<string, string>>
export type StartSystem = (settings?: Settings) => Promise<System>

/** The first admin wherever a test starts a system. */
export const admin = { username: 'admin', password: 'correct horse battery staple' }

/** Embedded, in this process, with nothing in it but the admin: a copy of a start that was made once. */
export const startEmbedded: StartSystem = async (settings) => startHere(await preparedPlace(), settings)

/** Embedded, in this process, on an empty directory, with what a first start puts there. */
export const startFresh: StartSystem = async (settings) => startHere(await emptyPlace(), settings)

/** On the four real parts, in a corner of each that is its own. */
export const startReal: StartSystem = async (settings) => startHere(await realPlace(), settings)

/** In this process, as one of the instances on a place. */
export async function startHere(place: Place, settings: Settings = {}): Promise<System> {
  const env = { PORT: '0', ADMIN_USERNAME: admin.username, ADMIN_PASSWORD: admin.password, ...place.env, ...settings }
  const running = await start({
    config: readConfig({ env }),
    role: everything,
    logger: createLogger({ level: 'silent' }),
    onProgress: () => {},
    onNewAdmin: async () => {},
  }).catch(async (error: unknown) => {
    await place.remove()
    throw error
  })
  return {
    url: running.url,
    people: createPeople(running.url, admin),
    database: place.database,
    async stop() {
      await running.close()
      await place.remove()
    },
  }
}

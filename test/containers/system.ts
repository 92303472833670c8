import { inject } from 'vitest'
import { firstAdmin } from '../system/first-admin.ts'
import { createPeople } from '../system/people.ts'
import { type Place, realPlace } from '../system/place.ts'
import type { Program } from '../system/program.ts'
import { admin, type Settings, type System } from '../system.ts'
import { builtServices, readCompose } from './compose.ts'
import { type Container, createContainer } from './container.ts'
import { startGateway } from './gateway.ts'
import { openNetwork } from './network.ts'

export interface ContainersOptions {
  /** Instances of a service, as `docker compose up --scale`; one where nothing is said. */
  scale?: Readonly<Record<string, number>>
  /** What `docker compose` finds in the shell or in `.env`. */
  variables?: Settings
  /** What it stands on; a corner of the real parts of its own unless given. */
  place?: Place
}

/** By a test. */
const KILLED = 137

/** docker-compose.yml without containers: each instance of our services a process, in a loopback network of its own. */
export interface Containers {
  all: readonly Container[]
  /** The instances of one service, in the order of their numbers. */
  of(service: string): readonly Container[]
  /** Starts every instance, waits until all are ready, then starts the gateway. */
  up(): Promise<Program>
  /** Stops in order what runs, and removes what it stood on. @throws Error where one did not end with 0 */
  down(): Promise<void>
}

/** A running one, as its users have it. */
export interface ContainerSystem extends System, Pick<Containers, 'all' | 'of'> {
  gateway: Program
}

/**
 * Each instance has the command and the environment of docker-compose.yml and the Dockerfile, with these differences: the
 * four parts are where the place has them, and HOST is its own address instead of all. The names of services lead to all of
 * their instances that run, for the services and for the gateway, as with Docker.
 */
export async function openContainers(options: ContainersOptions = {}, settings: Settings = {}): Promise<Containers> {
  const { scale = {}, variables = {}, place = await realPlace() } = options
  const compose = readCompose(variables)
  const network = await openNetwork()
  const all = builtServices(compose).flatMap((service) =>
    Array.from({ length: scale[service] ?? 1 }, (_, nth) =>
      createContainer({
        ...{ compose, service, number: nth + 1, network, app: inject('app') },
        settings: { ...place.env, ...settings },
      }),
    ),
  )
  let gateway: Program | undefined

  return {
    all,
    of: (service) => all.filter((container) => container.service === service),
    async up() {
      for (const container of all) container.start()
      await Promise.all(all.map((container) => container.ready()))
      gateway = await startGateway(network)
      return gateway
    },
    async down() {
      const ended = [gateway, ...all].map((one) => one?.status() ?? one?.end('SIGTERM'))
      const statuses = await Promise.all(ended)
      await network.close()
      await place.remove()
      const wrong = statuses.filter((status) => status !== undefined && status !== 0 && status !== KILLED)
      if (wrong.length > 0) throw new Error(`not every process stopped in order: ${statuses}`)
    },
  }
}

/** docker-compose.yml for the suites: with an admin that they know and no demo data. */
export const startContainers =
  (options: ContainersOptions = {}) =>
  async (settings: Settings = {}): Promise<ContainerSystem> => {
    const place = options.place ?? (await realPlace())
    const variables = { ADMIN_PASSWORD: admin.password, DEMO_DATA: 'false', ...options.variables }
    const { all, of, up, down } = await openContainers({ ...options, variables, place }, settings)
    try {
      const gateway = await up()
      const people = createPeople(gateway.url, admin)
      await firstAdmin(place, people)
      return { url: gateway.url, people, database: place.database, stop: down, all, of, gateway }
    } catch (error) {
      await down().catch(() => undefined)
      throw new Error(all.map((container) => `${container.name}: ${container.said()}`).join('\n'), { cause: error })
    }
  }

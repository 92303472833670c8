import { type ServiceName, serviceNames } from '../../services/catalog.ts'
import { admin, type StartSystem } from '../system.ts'
import { firstAdmin } from './first-admin.ts'
import { freePort } from './free-port.ts'
import { openGateway } from './gateway.ts'
import { createPeople } from './people.ts'
import { realPlace } from './place.ts'
import { startProgram } from './program.ts'

/** Each service and the consumer as a process of its own, on the real parts, behind one address. */
export const startSplit: StartSystem = async (settings = {}) => {
  const place = await realPlace()
  const ports = await Promise.all(serviceNames.map(() => freePort()))
  const urls = Object.fromEntries(serviceNames.map((name, nth) => [name, `http://127.0.0.1:${ports[nth]}`]))
  const env = {
    ...{ ADMIN_USERNAME: admin.username, ADMIN_PASSWORD: admin.password },
    ...{ USERS_URL: urls.users!, PROJECTS_URL: urls.projects! },
    ...{ ...place.env, ...settings },
  }
  const programs = await Promise.all([
    startProgram(env, 'services/consumer/main.ts'),
    ...serviceNames.map((name, nth) => startProgram({ ...env, PORT: `${ports[nth]}` }, `services/${name}/main.ts`)),
  ])
  const gateway = await openGateway(urls as Record<ServiceName, string>)
  const people = createPeople(gateway.url, admin)

  async function stop(): Promise<void> {
    await gateway.close()
    const ended = await Promise.all(programs.map((program) => program.end('SIGTERM')))
    await place.remove()
    if (ended.some((status) => status !== 0)) throw new Error(`not every process stopped in order: ${ended}`)
  }

  try {
    await Promise.all(programs.map((program) => program.ready()))
    await firstAdmin(place, people)
    return { url: gateway.url, people, database: place.database, stop }
  } catch (error) {
    await stop().catch(() => undefined)
    throw new Error(programs.map((program) => program.said()).join('\n'), { cause: error })
  }
}

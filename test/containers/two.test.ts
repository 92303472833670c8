import { describe } from 'vitest'
import { badInputSuite } from '../bad-input.suite.ts'
import { swaggerSuite } from '../browser/swagger.suite.ts'
import { documentsSuite } from '../documents.suite.ts'
import { examplesSuite } from '../examples.suite.ts'
import { freshnessSuite } from '../freshness.suite.ts'
import { projectsSuite } from '../projects.suite.ts'
import { scriptsSuite } from '../scripts.suite.ts'
import { sdkSuite } from '../sdk.suite.ts'
import { openGateway } from '../system/gateway.ts'
import { createPeople } from '../system/people.ts'
import { realPlace } from '../system/place.ts'
import { admin } from '../system.ts'
import { tasksSuite } from '../tasks.suite.ts'
import { tracingSuite } from '../tracing.suite.ts'
import { usersSuite } from '../users.suite.ts'
import { walkSuite } from '../walk.suite.ts'
import { writePathSuite } from '../write-path.suite.ts'
import { openContainers, startContainers } from './system.ts'

// Two instances of each, the consumer too, which share the partitions.
const scale = { users: 2, projects: 2, tasks: 2, documents: 2, consumer: 2 }
const start = startContainers({ scale })

examplesSuite(start)
describe('users', () => usersSuite(start))
describe('projects', () => projectsSuite(start))
describe('tasks', () => tasksSuite(start))
describe('documents', () => documentsSuite(start))
describe('the write path', () => writePathSuite(start))
describe('the SDK', () => sdkSuite(start))
describe('what is refused', () => badInputSuite(start, { gateway: true }))
walkSuite(startContainers({ scale, variables: { DEMO_DATA: 'true' } }))
scriptsSuite(start)
swaggerSuite(start, 'two')
tracingSuite(realPlace, async (place, settings) => {
  const kept = { ...place, remove: async () => {} } // the suite looks at it when all have stopped
  const variables = { ADMIN_PASSWORD: admin.password, DEMO_DATA: 'false' }
  const { all, up, down } = await openContainers({ scale, variables, place: kept }, settings)
  const { url, status } = await up()
  return {
    ...{ url, status },
    said: () => all.map((one) => one.said()).join('\n'),
    end: () => down().then(() => 0),
  }
})

// Written on the first of each, read on the second.
freshnessSuite(async () => {
  const system = await start()
  const of = async (nth: number) => {
    const url = (service: string) => system.of(service)[nth]!.url
    const services = {
      users: url('users'),
      projects: url('projects'),
      tasks: url('tasks'),
      documents: url('documents'),
    }
    const gateway = await openGateway(services)
    return { ...system, url: gateway.url, people: createPeople(gateway.url, admin), stop: gateway.close }
  }
  const [writer, reader] = await Promise.all([of(0), of(1)])
  return {
    writer,
    reader,
    async stop() {
      await Promise.all([writer.stop(), reader.stop()])
      await system.stop()
    },
  }
})

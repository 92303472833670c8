import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../platform/config/config.ts'
import { settings } from '../../platform/config/settings.ts'
import { root } from '../architecture/sources.ts'
import { builtServices, type ComposeService, environmentOf, readCompose } from './compose.ts'
import { readImage } from './dockerfile.ts'
import { askEngine, ENGINE_MS } from './engine.ts'

const compose = readCompose()
const everyService = Object.entries(compose.services)
const ours = builtServices(compose)
const parts = ['kafka', 'postgres', 'mongo', 'redis']
const service = (name: string): ComposeService => compose.services[name]!
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

test('docker compose takes the file, and reads in it what these tests read', { timeout: ENGINE_MS }, () => {
  const { services } = JSON.parse(askEngine('compose')) as { services: Record<string, ComposeService> }
  expect(Object.keys(services).sort()).toEqual(Object.keys(compose.services).sort())
  for (const [name, ours] of everyService) {
    expect([name, services[name]!.command ?? undefined]).toEqual([name, ours.command])
    expect([name, environmentOf(services[name]!)]).toEqual([name, environmentOf(ours)])
    expect([name, Object.keys(services[name]!.networks ?? {}).sort()]).toEqual([name, ours.networks?.toSorted()])
  }
})

test('it has every service, the gateway, and the four parts', () => {
  expect(ours).toEqual(['users', 'projects', 'tasks', 'documents', 'consumer'])
  expect(Object.keys(compose.services).sort()).toEqual(['gateway', ...ours, ...parts].sort())
})

describe.each(everyService)('%s', (name, it) => {
  test('is hardened', () => {
    expect(it).toMatchObject({
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      read_only: name !== 'kafka',
    })
    expect(it.cap_add).toEqual(name === 'gateway' ? ['NET_BIND_SERVICE'] : undefined)
  })

  test('has a limit, a health check, and starts again after a crash', () => {
    expect(it).toMatchObject({ mem_limit: expect.any(String), restart: 'unless-stopped' })
    expect((it.healthcheck?.test ?? readImage().healthcheck).length).toBeGreaterThan(1)
  })

  test('can be scaled: no name and, but for the gateway, no port of its own', () => {
    expect(it.container_name).toBeUndefined()
    expect(it.ports !== undefined).toBe(name === 'gateway')
  })

  test('is of one version, or built here under a name of its own', () => {
    if (it.build)
      expect([it.build, it.image]).toEqual(['.', undefined]) // one name for two builds makes them collide
    else expect(it.image).toMatch(/:\d[\w.-]*$/)
  })

  test('keeps what it keeps in volumes that exist, and reads what is here', () => {
    for (const volume of it.volumes ?? []) {
      const [source = ''] = volume.split(':')
      expect(source.startsWith('./') ? existsSync(join(root, source)) : source in compose.volumes!, source).toBe(true)
    }
  })
})

describe.each(ours)('%s', (name) => {
  const environment = environmentOf(service(name))

  test('has settings that there are, with values that are taken', () => {
    expect(Object.keys(environment).filter((setting) => !(setting in settings))).toEqual([])
    readConfig({ env: { ...readImage().env, ...environment } })
  })

  test('finds the others under their names', () => {
    const hosts = ['KAFKA_BROKERS', 'DATABASE_URL', 'MONGO_URL', 'REDIS_URL', 'USERS_URL', 'PROJECTS_URL'].map(
      (setting) => new URL(environment[setting]!.replace(/^(?!\w+:\/\/)/, 'kafka://')).hostname,
    )
    expect(hosts).toEqual(['kafka', 'postgres', 'mongo', 'redis', 'users', 'projects'])
  })

  test('starts after the parts are healthy', () => {
    const healthy = Object.fromEntries(parts.map((part) => [part, { condition: 'service_healthy' }]))
    expect(service(name).depends_on).toEqual(healthy)
  })

  test('is given the time to stop in order', () => {
    const { drainSeconds = 0, shutdownDeadline } = readConfig({ env: environment })
    expect(Number.parseInt(service(name).stop_grace_period!, 10)).toBeGreaterThan(drainSeconds + shutdownDeadline + 10)
  })
})

test('the gateway starts last, and the parts are out of its reach', () => {
  expect(Object.keys(service('gateway').depends_on!)).toEqual(ours)
  expect(service('gateway').networks).toEqual(['front'])
  for (const part of parts) expect(service(part).networks).toEqual(['back'])
})

test('what the tests run is of the versions that compose runs', () => {
  const [, caddy] = /caddy_version=(\S+)/.exec(textOf('test/stack/stack')) ?? []
  expect(service('gateway').image).toBe(`caddy:${caddy}`)
  const [, kafka] =
    /<artifactId>kafka_2\.13<\/artifactId><version>(.+?)</.exec(textOf('test/stack/kafka-pom.xml')) ?? []
  expect(service('kafka').image).toBe(`apache/kafka:${kafka}`)
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../platform/config/config.ts'
import { settings } from '../../platform/config/settings.ts'
import { serviceNames } from '../../services/catalog.ts'
import { root } from '../architecture/sources.ts'
import { builtServices, type ComposeService, environmentOf, readCompose } from './compose.ts'
import { type Image, readImage } from './dockerfile.ts'
import { askEngine, ENGINE_MS } from './engine.ts'

const compose = readCompose()
const everyService = Object.entries(compose.services)
const ours = builtServices(compose)
const parts = ['kafka', 'postgres', 'mongo', 'redis']
const service = (name: string): ComposeService => compose.services[name]!
/** Of those that are built here. */
const imageOf = ({ build }: ComposeService): Image | undefined =>
  build === undefined ? undefined : readImage(typeof build === 'string' ? undefined : build.target)
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

interface Config {
  services: Record<string, Omit<ComposeService, 'ports'> & { ports?: { target: number; published: string }[] }>
  networks: Record<string, { enable_ipv6?: boolean; internal?: boolean }>
}
const configOf = (files: string[], variables = {}): Config =>
  JSON.parse(askEngine('compose', { files, variables: { DOMAIN: '', ...variables } }))

test('docker compose takes the file, and reads in it what these tests read', { timeout: ENGINE_MS }, () => {
  const { services } = configOf(['docker-compose.yml'])
  expect(Object.keys(services).sort()).toEqual(Object.keys(compose.services).sort())
  for (const [name, ours] of everyService) {
    expect([name, services[name]!.command ?? undefined]).toEqual([name, ours.command])
    expect([name, environmentOf(services[name]!)]).toEqual([name, environmentOf(ours)])
    expect([name, Object.keys(services[name]!.networks ?? {}).sort()]).toEqual([name, ours.networks?.toSorted()])
  }
})

// Engines before 27 have no subnet for it, and would not start.
test('the network that callers come by has IPv6 where it is asked for', { timeout: ENGINE_MS }, () => {
  const networks = (variables: object) => configOf(['docker-compose.yml'], variables).networks
  expect(networks({})).toMatchObject({ front: { enable_ipv6: false }, back: { internal: true } })
  expect(networks({ IPV6: 'true' })).toMatchObject({ front: { enable_ipv6: true }, back: { internal: true } })
  expect(networks({ IPV6: 'true' }).back).not.toHaveProperty('enable_ipv6')
})

describe('docker-compose.https.yml', { timeout: ENGINE_MS }, () => {
  const files = ['docker-compose.yml', 'docker-compose.https.yml']

  test('opens the ports of HTTPS, and changes nothing else', () => {
    const { gateway, ...others } = configOf(files, { DOMAIN: 'api.example.com', HTTPS_PORT: '8443' }).services
    const { gateway: plain, ...same } = configOf(files.slice(0, 1)).services
    expect(others).toEqual(same)
    expect(gateway).toEqual({ ...plain, environment: { SITE: ':8000, api.example.com' }, ports: expect.any(Array) })
    const opened = (gateway?.ports ?? []).map(({ target, published }) => [target, published])
    expect(opened).toEqual([
      [8000, '8000'],
      [80, '80'],
      [443, '8443'],
      [443, '8443'],
    ])
  })

  test('wants the name of a host', () => {
    expect(() => configOf(files)).toThrow('the host name of the certificate')
  })
})

test('it has every service, the gateway, and the four parts', () => {
  expect(ours).toEqual([...serviceNames, 'consumer'])
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
    const image = imageOf(it)
    if (image) {
      expect(it.image).toBeUndefined() // one name for two builds makes them collide
      expect(image.from).toMatch(/:\d[\w.-]*$/)
    } else expect(it.image).toMatch(/:\d[\w.-]*$/)
  })

  test('runs as somebody who is not root', () => {
    const user = it.user ?? imageOf(it)?.user
    expect(user).toMatch(/^[a-z1-9]/)
    expect(user).not.toMatch(/^root/)
  })

  test('writes no log without an end', () => {
    expect(it.logging?.options).toEqual({ 'max-size': '10m', 'max-file': '5' })
  })

  // Without it the name of a service that has no instance is looked for outside, for seconds each time.
  test('asks for a container nowhere but here', () => {
    expect([it.dns_opt, it.dns_search]).toEqual([['ndots:1'], ['.']])
  })

  // A file that is mounted stays what it was while its container runs: an upgrade would not reach it.
  test('keeps what it keeps in volumes that exist, and has no file of this folder', () => {
    for (const volume of it.volumes ?? []) expect(Object.keys(compose.volumes!)).toContain(volume.split(':')[0])
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

// Postgres and Redis are Debian's, and in MongoDB's place is FerretDB: no version of those is held. Node: image.test.ts.
test('the Caddy and the Kafka that the tests run are of the versions that compose runs', () => {
  const [, caddy] = /caddy_version=(\S+)/.exec(textOf('test/stack/stack')) ?? []
  expect(imageOf(service('gateway'))?.from).toBe(`caddy:${caddy}`)
  const [, kafka] =
    /<artifactId>kafka_2\.13<\/artifactId><version>(.+?)</.exec(textOf('test/stack/kafka-pom.xml')) ?? []
  expect(service('kafka').image).toBe(`apache/kafka:${kafka}`)
})

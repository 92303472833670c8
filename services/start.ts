import type { Logger } from 'pino'
import type { Config } from '../platform/config/config.ts'
import { type App, createApp } from '../platform/http/app.ts'
import { createRequestMetrics } from '../platform/http/metrics.ts'
import { type Server, serve } from '../platform/http/server.ts'
import { openPlatform, type Platform } from '../platform/open.ts'
import { createReadiness, measureReadiness, probesOf, type Readiness } from '../platform/readiness.ts'
import { createMetrics, type Metrics } from '../platform/telemetry/metrics.ts'
import { systemClock } from '../platform/waiting.ts'
import { type ServiceName, serviceNames, showEntity } from './catalog.ts'
import type { RunningConsumer } from './consumer/consumer.ts'
import { entities } from './consumer/entities.ts'
import { openConsumer } from './consumer/open.ts'
import { rebuild } from './consumer/recovery/rebuild.ts'
import { recallDemoData } from './demo.ts'
import { createFirstStart } from './first-start.ts'
import { allMigrations } from './migrations.ts'
import { directoriesOf, type OpenService, openers } from './open.ts'
import { openApiOfAll } from './openapi.ts'
import { secretTables } from './secrets.ts'
import { checkFirstAdmin, givenAdmin, type NewAdmin } from './users/admin.ts'
import type { UsersService } from './users/service.ts'

/** What a process runs. */
export interface Role {
  /** In logs and metrics: `trefoil` for all in one, otherwise the service. */
  name: string
  services: readonly ServiceName[]
  consumer: boolean
}

/** Everything in one process. */
export const everything: Role = {
  name: 'trefoil',
  services: serviceNames,
  consumer: true,
}

export interface StartOptions {
  config: Config
  role: Role
  logger: Logger
  /** Told what takes long, for people. */
  onProgress: (line: string) => void
  /** Told the first admin and its password, for people. */
  onNewAdmin: (admin: NewAdmin) => Promise<void>
}

/** A process that serves. */
export interface Running {
  url: string
  /** Settles when it cannot go on, with the reason. */
  failed: Promise<Error>
  /** Finishes what is under way (bounded), releases everything. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts a process: it listens at once, answers 503 until all is there, and then serves.
 * @throws Error with a sentence that says what to do; nothing is left behind
 */
export async function start(options: StartOptions): Promise<Running> {
  const { config, role, logger } = options
  if (role.services.includes('users')) checkFirstAdmin(givenAdmin(config)) // not as late as when one is made
  const metrics = createMetrics(role.name)
  // A memory of its own is for a process that is the only one: where something is embedded.
  const cached = config.redisUrl !== undefined || !config.kafkaBrokers || !config.databaseUrl
  const starting = createReadiness({ start: async () => Promise.reject(new Error('parts are being opened')) })
  let app = createAppOf([], { options, metrics, readiness: starting })
  const server = await serve(
    {
      fetch: (request, connection) => app.fetch(request, connection),
      unreadable: (refusal) => app.unreadable(refusal),
      endStreams: () => app.endStreams(),
    },
    { host: config.host, port: config.port, logger, drainMs: config.shutdownDeadline * 1000 },
  )
  const closers: (() => Promise<void>)[] = [() => server.close()]

  try {
    const platform = await openPlatform({
      ...{ name: role.name, config, logger, metrics, cached, showEntity },
      migrations: await allMigrations(),
      secretTables,
      onProgress: options.onProgress,
    })
    closers.push(() => platform.close())
    if (platform.databaseLost) {
      await rebuild({ ...platform, definitions: entities, onProgress: options.onProgress })
      await recallDemoData(platform.sql)
      await platform.dataDir?.recovered()
    }
    const consumer = role.consumer ? await openConsumer(platform, cached) : undefined
    if (consumer) closers.push(() => consumer.close())
    const services = await openServices(platform, role)
    closers.push(...services.map((service) => async () => service.close?.()))

    const users = services.find(({ name }) => name === 'users') as UsersService | undefined
    const firstStart = users && createFirstStart(users, platform, options.onNewAdmin)
    const parts = { ...probesOf(platform), ...consumerProbe(consumer) }
    const readiness = createReadiness({ ...parts, ...(firstStart && { 'first start': firstStart.probe }) })
    measureReadiness(metrics, readiness, Object.keys(parts))
    app = createAppOf([...services, platform.operations], { options, metrics, readiness, platform })
    if (role.consumer) await firstStart?.run()
    else if (firstStart) closers.push(firstStart.begin()) // in the meantime it serves, and is not ready
    readiness.open()
    // Nobody sends a consumer anything.
    const noticeMs = role.services.length > 0 ? config.drainSeconds * 1000 : 0
    return running(server, { readiness, closers, consumer, noticeMs })
  } catch (error) {
    for (const close of closers.reverse()) await close()
    throw error
  }
}

interface AppContext {
  options: StartOptions
  metrics: Metrics
  readiness: Readiness
  platform?: Platform
}

function createAppOf(services: readonly OpenService[], { options, metrics, readiness, platform }: AppContext): App {
  const { config, logger } = options
  const noVerifier = { verify: async () => Promise.reject(new Error('starting')), jwks: () => ({ keys: [] }) }
  return createApp({
    services,
    verifier: platform?.verifier ?? noVerifier,
    health: readiness,
    metrics: createRequestMetrics(metrics),
    logger,
    document: openApiOfAll(),
    origins: config.corsOrigins,
    proxies: config.trustProxy,
    ...(config.rateLimit !== undefined && {
      limits: { general: { perMinute: config.rateLimit, burst: config.rateLimit } },
    }),
  })
}

async function openServices(platform: Platform, role: Role): Promise<OpenService[]> {
  const directories = directoriesOf(platform, role.name === everything.name)
  return Promise.all(role.services.map((name) => openers[name](platform, directories)))
}

const consumerProbe = (consumer: RunningConsumer | undefined) =>
  consumer && {
    consumer: async () => {
      if (consumer.owned().length === 0) throw new Error('no partitions are assigned yet')
    },
  }

interface Stopping {
  readiness: Readiness
  closers: (() => Promise<void>)[]
  consumer: RunningConsumer | undefined
  /** Between the end of readiness and that of listening: whoever sends requests here gets to know of it. */
  noticeMs: number
}

function running(server: Server, { readiness, closers, consumer, noticeMs }: Stopping): Running {
  let closing: Promise<void> | undefined

  async function stop(): Promise<void> {
    readiness.shut()
    await systemClock.sleep(noticeMs)
    await server.drain()
    for (const close of closers.reverse()) await close()
  }

  return {
    url: server.url,
    failed: consumer?.failed ?? new Promise(() => {}),
    close() {
      closing ??= stop()
      return closing
    },
  }
}

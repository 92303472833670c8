import type { Logger } from 'pino'
import { openVerifier, type Verifier } from './auth/verifier.ts'
import { observedCache } from './cache/observed.ts'
import type { Entity } from './commands/command.ts'
import { createOperationIds, operationSecret } from './commands/operations/operation-id.ts'
import { createOperations } from './commands/operations/operations.ts'
import { createOutcomes } from './commands/operations/outcomes.ts'
import { operationsService } from './commands/operations/service.ts'
import { createCommandEdge } from './commands/send/command-edge.ts'
import type { CommandEdge } from './commands/send/edge.ts'
import { createSystemSender, type SystemSender } from './commands/send/system-sender.ts'
import { openWatermarks, type WatermarkFeed } from './commands/watermarks/feed.ts'
import type { Config } from './config/config.ts'
import { observedLog } from './log/observed.ts'
import { openParts, type Parts } from './parts.ts'
import { createReads } from './reads/mod.ts'
import type { Reads } from './reads/reads.ts'
import type { Service } from './service.ts'
import type { Migration } from './sql/migrations.ts'
import { observedSql } from './sql/observed.ts'
import type { SecretTable } from './sql/secrets.ts'
import type { Metrics } from './telemetry/metrics.ts'
import { measureWatermarks } from './telemetry/watermark-metrics.ts'

/** What every service of a process stands on: the composition root's product. */
export interface Platform extends Parts {
  config: Config
  logger: Logger
  metrics: Metrics
  watermarks: WatermarkFeed
  reads: Reads
  commands: CommandEdge
  verifier: Verifier
  system: SystemSender
  /** `GET /operations/{id}`: any process can answer it. */
  operations: Service
}

export interface PlatformOptions {
  /** Of the process, as its connections are called elsewhere. */
  name: string
  config: Config
  logger: Logger
  metrics: Metrics
  migrations: readonly Migration[]
  secretTables: readonly SecretTable[]
  /** False for a service alone without Redis: a memory of its own would contradict the other processes. */
  cached: boolean
  /** An entity of any kind as it is answered. */
  showEntity: (kind: string, entity: Entity) => Record<string, unknown>
  onProgress: (line: string) => void
}

/** Opens the parts and what reads and writes through them. @throws Error with a sentence that says what to do */
export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const { name, config, logger, metrics, migrations, secretTables, cached, showEntity, onProgress } = options
  const parts = observed(await openParts({ name, config, logger, migrations, secretTables, onProgress }), metrics)
  const { sql, polls, secrets, log, cache, bus } = parts
  const watermarks = openWatermarks({ sql: polls, bus, logger })
  measureWatermarks(metrics, watermarks, cached)
  const verifier = openVerifier({ sql, issuer: config.issuer, audience: config.audience })
  try {
    const outcomes = createOutcomes(sql)
    const operationIds = createOperationIds(await operationSecret(sql, secrets))
    const edge = { log, watermarks, outcomes, operationIds }
    const counted = metrics.counter('reads_total', 'Reads by kind and by what the cache had.', ['kind', 'result'])
    return {
      ...parts,
      config,
      logger,
      metrics,
      watermarks,
      reads: createReads({
        cache,
        watermarks: cached ? watermarks : { epochs: () => null },
        logger,
        metrics: { count: (kind, result) => counted.inc({ kind, result }) },
      }),
      commands: createCommandEdge(edge),
      verifier,
      system: createSystemSender(edge),
      operations: operationsService(createOperations({ ...edge, show: showEntity })),
      async close() {
        watermarks.close()
        await verifier.close()
        await parts.close()
      },
    }
  } catch (error) {
    watermarks.close()
    await verifier.close()
    await parts.close()
    throw error
  }
}

const observed = (parts: Parts, metrics: Metrics): Parts => ({
  ...parts,
  sql: observedSql(parts.sql, metrics),
  log: observedLog(parts.log, metrics),
  cache: observedCache(parts.cache, metrics),
})

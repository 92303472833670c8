import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Actor } from '../../platform/auth/actor.ts'
import { openVerifier } from '../../platform/auth/verifier.ts'
import { openBus } from '../../platform/bus/mod.ts'
import { openCache } from '../../platform/cache/mod.ts'
import { createOperationIds, operationSecret } from '../../platform/commands/operations/operation-id.ts'
import { createOutcomes } from '../../platform/commands/operations/outcomes.ts'
import { createCommandEdge } from '../../platform/commands/send/command-edge.ts'
import { createSystemSender } from '../../platform/commands/send/system-sender.ts'
import { openWatermarks } from '../../platform/commands/watermarks/feed.ts'
import { callOf, contextOf } from '../../platform/http/testing/context.testing.ts'
import { openLog } from '../../platform/log/mod.ts'
import { createReads } from '../../platform/reads/mod.ts'
import { createLogger } from '../../platform/telemetry/log.ts'
import { startConsumer } from '../consumer/consumer.ts'
import { entities } from '../consumer/entities.ts'
import { testDatabase } from '../consumer/fixture.testing.ts'
import { names, password } from './fixture.testing.ts'
import type { CreatedUser, Setup, Tokens, User } from './schema.ts'
import { openUsers } from './service.ts'

const many = { burst: 10_000, perMinute: 600_000 }
/** By one address, in a day. */
export const REGISTRATIONS = 5

/** The service as it runs, on embedded parts, called without HTTP. */
export async function openService(url?: string) {
  const directory = await mkdtemp(join(tmpdir(), 'trefoil-users-'))
  const { sql, drop } = await testDatabase(url)
  const [log, cache, bus] = [await openLog({ directory }), await openCache(), await openBus()]
  const warnings: unknown[] = []
  const logger = createLogger({ level: 'silent' })
  const watermarks = openWatermarks({ sql, bus, logger })
  const consumer = await startConsumer({
    ...{ sql, log, cache, bus, watermarks, logger, mongo: null },
    definitions: entities,
    onCacheReconnect: () => () => {},
    metrics: { decided() {}, took() {}, mark() {}, retried() {} },
  })
  const edge = {
    log,
    watermarks,
    outcomes: createOutcomes(sql),
    operationIds: createOperationIds(await operationSecret(sql)),
  }
  const service = await openUsers({
    ...{ sql, watermarks, log: { warn: (...said: unknown[]) => warnings.push(said) }, ...names },
    reads: createReads({ cache, watermarks, logger }),
    commands: createCommandEdge(edge),
    passwords: { cost: 4 },
    limits: { address: many, account: many, registration: { burst: REGISTRATIONS, perMinute: 1 / 1440 } },
  })
  let calls = 0
  const verifier = openVerifier({ sql, ...names, pollMs: 20 })

  return {
    sql,
    service,
    /** Of the service itself: what went wrong behind everybody's back. */
    warnings,
    verifier,
    system: createSystemSender(edge),

    /** One call: by nobody, unless an actor is given, and from an address of its own. */
    async call(
      procedure: string,
      input: object = {},
      { actor = null, key, respondAsync = false, address = `203.0.113.${++calls}` }: Said = {},
    ): Promise<Answer> {
      const ctx = contextOf({ actor, address, asked: { idempotencyKey: key, respondAsync, waitMs: 10_000 } })
      return callOf(service.router, `users.${procedure}`, input, ctx).then(
        (answer) => answer as Answer,
        (error) => {
          throw error.resolved ?? error
        },
      )
    },

    async close() {
      await service.close()
      await consumer.close()
      watermarks.close()
      await verifier.close()
      await log.close()
      await bus.close()
      await cache.close()
      await drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

export type OpenService = Awaited<ReturnType<typeof openService>>

export const registration = (username: string) => ({ username, email: `${username}@example.com`, password })

/** Whatever a procedure answers. */
type Answer = CreatedUser & Tokens & Setup & { items: User[]; nextCursor: string | null }

export interface Said {
  actor?: Actor | null
  key?: string
  respondAsync?: boolean
  address?: string
}

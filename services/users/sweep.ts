import type { Logger } from 'pino'
import type { Sql } from '../../platform/sql/port.ts'
import type { Secrets } from '../../platform/sql/secrets.ts'
import type { Credentials } from './credentials.ts'
import type { Keys } from './keys.ts'

export interface Sweep {
  run(): Promise<void>
  close(): Promise<void>
}

export interface SweepParts {
  sql: Sql
  credentials: Credentials
  keys: Keys
  secrets: Pick<Secrets, 'compact'>
  log: Pick<Logger, 'warn'>
  everyMs?: number
}

const HOUR = 3_600_000

/** Takes away what nobody can use any more, and moves the signing keys on: at once, and then every hour. */
export function startSweep({ sql, credentials, keys, secrets, log, everyMs = HOUR }: SweepParts): Sweep {
  let running: Promise<void> | undefined

  async function sweep(): Promise<void> {
    await credentials.sweep()
    // A revoked session stays longer than any token of it lives: verifiers ask for it.
    await sql.query(
      `DELETE FROM sessions WHERE expires_at < now() OR revoked_at < now() - interval '1 day'
          OR user_id IN (SELECT id FROM users WHERE deleted AND access_changed_at < now() - interval '1 day')`,
    )
    await sql.query(`DELETE FROM refresh_tokens WHERE used_at < now() - interval '30 days'`)
    await keys.rotate()
    await secrets.compact()
  }

  const run = () => {
    running ??= sweep().finally(() => {
      running = undefined
    })
    return running
  }
  const quietly = () => void run().catch((error) => log.warn({ err: error }, 'the sweep of credentials failed'))
  const timer = setInterval(quietly, everyMs).unref()
  quietly()

  return {
    run,
    async close() {
      clearInterval(timer)
      await running?.catch(() => undefined)
    },
  }
}

import { resolve } from 'node:path'
import process from 'node:process'
import { type Config, readConfig } from '../platform/config/config.ts'
import { hasData } from '../platform/data-dir/data-dir.ts'
import { openParts, type Parts } from '../platform/parts.ts'
import { createLogger } from '../platform/telemetry/log.ts'
import { complaintOf } from '../services/complaint.ts'
import { allMigrations } from '../services/migrations.ts'
import { secretTables } from '../services/secrets.ts'

export interface Options {
  /** May begin on a data directory that is not there yet; otherwise that is a mistyped DATA_DIR. */
  makes?: boolean
}

/** Process 1 of a container ends by no signal that it does not listen to. */
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const

/**
 * Runs a command on the configured parts, opened and brought up to date; ends the process with 1 and a sentence where it fails.
 * A signal ends it at once: what it does is done as a whole, or is completed when it is run again.
 */
export async function withParts(
  name: string,
  work: (parts: Parts) => Promise<void>,
  { makes = false }: Options = {},
): Promise<void> {
  for (const [signal, status] of SIGNALS) process.once(signal, () => process.exit(status))
  try {
    const config = readConfig()
    if (!makes) await demandData(config)
    const logger = createLogger({ level: 'error' })
    const migrations = await allMigrations()
    const parts = await openParts({ name, config, logger, migrations, secretTables, onProgress: say })
    try {
      await work(parts)
    } finally {
      await parts.close()
    }
  } catch (error) {
    process.stderr.write(`${complaintOf(error)}\n`)
    process.exit(1)
  }
}

async function demandData({ kafkaBrokers, databaseUrl, dataDir }: Config): Promise<void> {
  if ((kafkaBrokers && databaseUrl) || (await hasData(dataDir))) return
  throw new Error(`${resolve(dataDir)} has no data. Set DATA_DIR to the directory that the server was started on.`)
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

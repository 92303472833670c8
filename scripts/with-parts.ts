import process from 'node:process'
import { type Config, readConfig } from '../platform/config/config.ts'
import { openParts, type Parts } from '../platform/parts.ts'
import { createLogger } from '../platform/telemetry/log.ts'
import { allMigrations } from '../services/migrations.ts'
import { secretTables } from '../services/secrets.ts'

/** Runs a command on the configured parts, opened and brought up to date; ends the process with 1 and a sentence where it fails. */
export async function withParts(work: (parts: Parts, config: Config) => Promise<void>): Promise<void> {
  try {
    const config = readConfig()
    const logger = createLogger({ level: 'error' })
    const parts = await openParts({ config, logger, migrations: await allMigrations(), secretTables, onProgress: say })
    try {
      await work(parts, config)
    } finally {
      await parts.close()
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

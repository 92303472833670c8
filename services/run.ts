import process from 'node:process'
import { type Config, ConfigError, readConfig, type SettingName } from '../platform/config/config.ts'
import { createLogger, type Logger } from '../platform/telemetry/log.ts'
import { adminLine, banner, titleOf } from './banner.ts'
import { complaintOf } from './complaint.ts'
import { type Role, type Running, start } from './start.ts'
import type { NewAdmin } from './users/admin.ts'

/** Runs a process until it is told to stop: the body of every `main.ts`. Ends with status 1 and a sentence where it cannot. */
export async function run(role: Role, needs: readonly SettingName[] = []): Promise<void> {
  const config = readOrExit(role, needs)
  const logger = createLogger({ level: config.logLevel, service: role.name })
  const stopOnSignals = heedSignals(config, logger)
  const admins: NewAdmin[] = []
  let running: Running
  try {
    running = await start({
      ...{ config, role, logger },
      onProgress: say,
      onNewAdmin: async (admin) => {
        if (role.consumer) admins.push(admin)
        else await tell(admin)
      },
    })
  } catch (error) {
    logger.debug({ err: error }, 'the start failed')
    complain(complaintOf(error))
    process.exit(1)
  }
  stopOnSignals(running)
  say(banner(role, config, running.url, admins))
  for (const admin of admins) await admin.printed()
  void running.failed.then(async (error) => {
    complain(complaintOf(error))
    await running.close()
    process.exit(1)
  })
}

function readOrExit(role: Role, needs: readonly SettingName[]): Config {
  try {
    return readConfig({ needs, as: titleOf(role) })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    complain(error.message)
    process.exit(1)
  }
}

async function tell(admin: NewAdmin): Promise<void> {
  say(adminLine(admin))
  await admin.printed()
}

/**
 * From the first moment on. A start is just ended, as it may be killed at any time; once it runs the first signal stops it in
 * order, and a second one at once.
 */
function heedSignals(config: Config, logger: Logger): (running: Running) => void {
  let running: Running | undefined
  let stopping = false
  const stop = async () => {
    if (!running) process.exit(0)
    if (stopping) process.exit(1)
    stopping = true
    logger.info('stopping')
    const timer = setTimeout(() => process.exit(1), (config.drainSeconds + config.shutdownDeadline + 10) * 1000)
    await running.close()
    clearTimeout(timer)
    logger.info('stopped')
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return (started) => {
    running = started
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`)
}

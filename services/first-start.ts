import type { Platform } from '../platform/open.ts'
import type { Probe } from '../platform/readiness.ts'
import { retrying, systemClock } from '../platform/waiting.ts'
import { ensureDemoData } from './demo.ts'
import { givenAdmin, type NewAdmin } from './users/admin.ts'
import type { UsersService } from './users/service.ts'

/** The first admin, and the demo data: at every start of the process that serves users; nothing where that is done. */
export interface FirstStart {
  /** Makes them. @throws Error where no consumer decides in time */
  run(): Promise<void>
  /** Makes them as soon as a consumer decides. Returns what ends that. */
  begin(): () => Promise<void>
  /** Ready is who has them: a caller before would be told that the password is wrong. */
  probe: Probe
}

export function createFirstStart(
  users: UsersService,
  { config, system, sql, logger }: Platform,
  onNewAdmin: (admin: NewAdmin) => Promise<void>,
): FirstStart {
  let done = false

  async function run(): Promise<void> {
    const admin = await users.ensureAdmin((draft) => system.send(draft), givenAdmin(config))
    if (admin) await onNewAdmin(admin)
    await ensureDemoData({ sql, system, log: logger }, config.demoData)
    done = true
  }

  return {
    run,
    begin() {
      const stopping = new AbortController()
      retrying(run, {
        ...{ clock: systemClock, signal: stopping.signal },
        onRetry: (error) => logger.warn({ err: error }, 'the first start is not done: trying again'),
      }).catch(() => undefined) // it was ended
      return async () => stopping.abort()
    },
    async probe() {
      if (!done) throw new Error('the first admin and the demo data are being made, for which a consumer has to run')
    },
  }
}

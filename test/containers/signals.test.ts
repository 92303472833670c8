import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { type Place, realPlace } from '../system/place.ts'
import type { Settings } from '../system.ts'
import { readImage } from './dockerfile.ts'

interface Command {
  said(): string
  /** The status; the signal where that ended it. */
  ended: Promise<number | NodeJS.Signals>
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>
}

/** As `docker compose run --rm consumer FILE`. */
function run(file: string, parameters: readonly string[], env: Settings): Command {
  const { entrypoint, env: own } = readImage()
  const child = spawn(inject('node'), [...entrypoint.slice(1), file, ...parameters], {
    ...{ cwd: inject('app'), env: { PATH: process.env.PATH, ...own, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (text += chunk))
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  return {
    said: () => text,
    ended,
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}

// Process 1 of a container is ended by no signal that it has not asked for: its status has to be one that it chose.
describe.each([['migrate.js'], ['rebuild.js'], ['admin-reset.js'], ['dlq.js', 'list'], ['trace.js', '0:1']])(
  '%s',
  (file, ...parameters) => {
    const nowhere = { KAFKA_BROKERS: '127.0.0.1:9', DATABASE_URL: 'postgres://trefoil@127.0.0.1:9/trefoil' }

    test.each([
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const)('ends by %s, as by Ctrl-C or `docker stop`', async (signal, status) => {
      const command = run(file, parameters, nowhere)
      await vi.waitFor(() => expect(command.said()).toContain('Waiting for'), { timeout: 30_000 })
      expect(await command.end(signal)).toBe(status)
    })
  },
)

describe('a command that was ended in its midst', { timeout: 120_000 }, () => {
  let place: Place
  beforeAll(async () => {
    place = await realPlace()
  })
  afterAll(() => place?.remove())

  test('is completed when it is run again', async () => {
    const tables = () => place.database((sql) => sql.query(`SELECT 1 FROM pg_tables WHERE schemaname = 'public'`))
    const first = run('migrate.js', [], place.env)
    await vi.waitFor(async () => expect(await tables()).not.toEqual([]), { timeout: 60_000, interval: 5 })
    await first.end('SIGTERM')
    const again = run('migrate.js', [], place.env)
    expect(await again.ended, again.said()).toBe(0)
    expect(again.said()).toContain('The database and the topics are up to date.')
  })
})

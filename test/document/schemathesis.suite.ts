import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { expect, inject, test } from 'vitest'
import { root } from '../architecture/sources.ts'
import { consoleOf } from '../readme/console.ts'
import { linesLike } from '../readme/shape.ts'
import type { Place } from '../system/place.ts'
import { type Program, startProgram } from '../system/program.ts'
import { admin } from '../system.ts'

const MINUTE = 60_000

/** The `st` that is run: `SCHEMATHESIS`, or the one on the path. */
const st = process.env.SCHEMATHESIS || 'st'

/** Some thousand requests, made up from the document by others, on a place with its demo data. */
export function schemathesisSuite(makePlace: () => Promise<Place>): void {
  test('the server does what the document says, and the document says what the server does', {
    timeout: 12 * MINUTE,
  }, async () => {
    const place = await makePlace()
    const program = await startProgram({
      ...place.env,
      ...{ ADMIN_PASSWORD: admin.password, DEMO_DATA: 'true', LOG_LEVEL: 'warn' },
    })
    try {
      await program.ready()
      const { status, report } = await schemathesis(program, await tokenOf(program))
      expect(status, report).toBe(0)
      expect(withoutNumbers(report)).toMatch(linesLike(withoutNumbers(shownInReadme())))
    } finally {
      expect(await program.end('SIGTERM'), program.said()).toBe(0)
      await place.remove()
    }
  })
}

/** What the README's tour has schemathesis print. */
function shownInReadme(): string {
  const tour = consoleOf(readFileSync(join(root, 'README.md'), 'utf8'), '## A tour')
  return tour.find(({ command }) => command.includes('st --config-file'))!.output
}

/** The requests are others with every change of the document. */
const withoutNumbers = (text: string): string => text.replaceAll(/\d+/g, 'N')

async function tokenOf({ url }: Program): Promise<string> {
  const answer = await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(admin) })
  return ((await answer.json()) as { access_token: string }).access_token
}

/** Runs as long as the token is good, at most, and leaves its own files where those of the systems are. */
async function schemathesis({ url }: Program, token: string): Promise<{ status: number; report: string }> {
  const config = join(root, 'test/document/schemathesis.toml')
  const child = spawn(st, ['--config-file', config, 'run', `${url}/openapi.json`, '--no-color'], {
    cwd: await mkdtemp(join(inject('systems'), 'schemathesis-')),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 9.5 * MINUTE,
    killSignal: 'SIGKILL',
  })
  const [output, errors, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status: status as number, report: output + errors }
}

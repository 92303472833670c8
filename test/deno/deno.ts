import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { settings } from '../../platform/config/settings.ts'

/** The Deno that the tests run: `DENO`, or `deno` on the path. Never the npm package inside of node_modules. */
export const deno = process.env.DENO || 'deno'

/** What this process has in its environment, but for Trefoil's own settings: how Deno reaches the registry may be said there. */
export const surroundings = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !(entry[0].replace(/_FILE$/, '') in settings),
    ),
  )

/** Starts `deno ARGUMENTS` with these settings and no others. */
export function startDeno(
  args: readonly string[],
  env: Record<string, string>,
  options: SpawnOptions = {},
): ChildProcess {
  const fixed = { NO_COLOR: '1', DENO_NO_PACKAGE_JSON: '1' }
  return spawn(deno, args, { ...options, env: { ...surroundings(), ...fixed, ...env } })
}

/** What a run prints on standard output; what it says on standard error is in the failure. */
export async function runDeno(
  args: readonly string[],
  env: Record<string, string> = {},
  options: SpawnOptions = {},
): Promise<string> {
  const child = startDeno(args, env, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  if (!child.stdout || !child.stderr) throw new Error('no pipes')
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  if (code !== 0) throw new Error(`deno ${args.join(' ')} ended with ${code}: ${errors}`)
  return output
}

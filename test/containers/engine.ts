import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { inject } from 'vitest'
import { root } from '../architecture/sources.ts'
import type { Settings } from '../system.ts'

type Question = 'check' | 'context' | 'compose'

/** Long enough to build what is asked, where it was never built. */
export const ENGINE_MS = 300_000

export interface Asking {
  /** Of `compose`: one over the other. */
  files?: readonly string[]
  /** What `docker compose` finds in the shell. */
  variables?: Settings
}

/** What a container engine would say of our files: see engine/main.go. @throws Error with what is wrong */
export function askEngine(question: Question, { files = [], variables = {} }: Asking = {}): string {
  const program = join(inject('systems'), 'engine')
  const folder = join(root, 'test/containers/engine')
  execFileSync('go', ['build', '-trimpath', '-o', program, '.'], { cwd: folder, stdio: 'pipe' })
  const env = { ...process.env, ...variables }
  return execFileSync(program, [question, ...files], {
    ...{ cwd: root, env, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1e8 },
  })
}

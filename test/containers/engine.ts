import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { inject } from 'vitest'
import { root } from '../architecture/sources.ts'

type Question = 'check' | 'context' | 'compose'

/** Long enough to build what is asked, where it was never built. */
export const ENGINE_MS = 300_000

/** What a container engine would say of our files: see engine/main.go. @throws Error with what is wrong */
export function askEngine(question: Question): string {
  const program = join(inject('systems'), 'engine')
  const folder = join(root, 'test/containers/engine')
  execFileSync('go', ['build', '-trimpath', '-o', program, '.'], { cwd: folder, stdio: 'pipe' })
  return execFileSync(program, [question], { cwd: root, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1e8 })
}

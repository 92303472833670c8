import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder for the data directories of a run. */
    systems: string
  }
}

/** For the whole run: where systems keep their data, which is gone afterwards. */
export default function setup(project: TestProject): () => void {
  const systems = mkdtempSync(join(tmpdir(), 'trefoil-'))
  project.provide('systems', systems)
  return () => rmSync(systems, { recursive: true, force: true, maxRetries: 5 })
}

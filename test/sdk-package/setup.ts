import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { root } from '../architecture/sources.ts'
import { packSdk } from './pack.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The package of the SDK, as it is published. */
    tarball: string
    /** The folder of somebody who has installed it, and nothing else but TypeScript. */
    consumer: string
  }
}

/** Once for a run: packs the SDK, and installs it where there is nothing of this project. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-package-'))
  const consumer = join(folder, 'consumer')
  const tarball = packSdk(folder)
  cpSync(join(root, 'test/sdk-package/consumer'), consumer, { recursive: true })
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wanted = [tarball, `typescript@${devDependencies.typescript}`]
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...wanted], { cwd: consumer, stdio: 'pipe' })
  project.provide('tarball', tarball)
  project.provide('consumer', consumer)
  return () => rmSync(folder, { recursive: true, force: true })
}

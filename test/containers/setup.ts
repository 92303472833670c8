import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { buildSync } from 'esbuild'
import type { TestProject } from 'vitest/node'
import { root } from '../architecture/sources.ts'
import { installNode } from './node.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder that an image holds: what `npm run build` makes. */
    app: string
    /** What gives a process the name server of its network. */
    hosts: string
    /** The binary of Node, of the version that the image has. */
    node: string
    /** The binary of the gateway. */
    caddy: string
  }
}

/** Once for a run: the bundles, in a folder where there is nothing else, and the gateway's binary. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-image-'))
  const app = join(folder, 'app')
  const hosts = join(folder, 'hosts.mjs')
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build.ts', app], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  project.provide('app', app)
  project.provide('node', installNode())
  buildSync({ entryPoints: [join(root, 'test/containers/hosts.ts')], outfile: hosts, format: 'esm', platform: 'node' })
  project.provide('hosts', hosts)
  const caddy =
    process.env.CADDY || execFileSync(join(root, 'test/stack/stack'), ['caddy'], { encoding: 'utf8' }).trim()
  project.provide('caddy', caddy)
  return () => rmSync(folder, { recursive: true, force: true })
}

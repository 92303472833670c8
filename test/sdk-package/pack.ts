import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../architecture/sources.ts'

/** Builds the SDK and packs it as it is published. @returns the tarball, in that folder */
export function packSdk(folder: string): string {
  const packed = execFileSync('npm', ['pack', '--pack-destination', folder], {
    cwd: join(root, 'clients/sdk'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'], // what npm says besides is in the error
  })
  return join(folder, packed.trim().split('\n').at(-1)!)
}

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { declarationOf, moduleOf } from './build/declarations.ts'

// `npm run build:sdk`: what `npm pack` and `deno publish` in clients/sdk publish, in clients/sdk/dist. The SDK's own modules
// run; of the server there are only declarations, of the contracts and of what these name.
const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'clients/sdk/dist')
const ours = join('clients', 'sdk')

rmSync(dist, { recursive: true, force: true })
execFileSync(
  process.execPath,
  [
    join(root, 'node_modules/typescript/bin/tsc'),
    '--project',
    join(root, ours, 'tsconfig.build.json'),
    '--outDir',
    dist,
  ],
  { stdio: 'inherit' },
)

const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
for (const file of files.filter((name) => name.endsWith('.d.ts'))) rewrite(file, declarationOf)
for (const file of files.filter((name) => /\.js(\.map)?$/.test(name))) {
  if (!file.startsWith(ours)) rmSync(join(dist, file))
  else if (file.endsWith('.js')) rewrite(file, moduleOf)
}

function rewrite(file: string, change: (path: string, text: string) => string): void {
  const path = join(dist, file)
  writeFileSync(path, change(file, readFileSync(path, 'utf8')))
}

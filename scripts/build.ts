import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import swaggerUi from 'swagger-ui-dist/absolute-path.js'
import { ASSETS } from '../platform/http/docs.ts'
import { serviceNames } from '../services/catalog.ts'
import { migrationFolders } from '../services/migrations.ts'

// `npm run build [-- FOLDER]`: what an image holds, in `dist`. One file for each service, for the consumer and for each
// command of an operator, which needs no node_modules; beside them what is read at run time. The same sources make the
// same bytes.
const root = fileURLToPath(new URL('..', import.meta.url))
const dist = resolve(process.argv[2] ?? join(root, 'dist'))

const programs = [
  ...[...serviceNames, 'consumer'].map((name) => [name, `services/${name}/main.ts`]),
  ...readdirSync(join(root, 'scripts'))
    .filter(isCommand)
    .map((file) => [file.replace('.ts', ''), `scripts/${file}`]),
]

/** Whatever works on the configured parts. */
function isCommand(file: string): boolean {
  const text = file.endsWith('.ts') ? readFileSync(join(root, 'scripts', file), 'utf8') : ''
  return /^import .*withParts/m.test(text)
}

/** Not in an image: the embedded database, and what drivers try to load and do well without. */
const external = [
  '@electric-sql/*',
  'pg-native',
  ...['@aws-sdk/*', '@mongodb-js/zstd', 'gcp-metadata', 'kerberos', 'mongodb-client-encryption', 'snappy', 'socks'],
  'supports-color',
]

/** Packages that are CommonJS ask for Node's own modules with `require`, which an ES module does not have. */
const banner = `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`

rmSync(dist, { recursive: true, force: true })
await build({
  ...{ absWorkingDir: root, entryPoints: Object.fromEntries(programs), outdir: dist, external },
  ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20.19', banner: { js: banner } },
  // Names stay as they are, for whoever reads a stack. Its files and lines are told by the maps.
  ...{ minifySyntax: true, minifyWhitespace: true, sourcemap: 'linked', sourcesContent: false },
  alias: { 'swagger-ui-dist/absolute-path.js': './scripts/build/docs-folder.ts' },
  legalComments: 'none',
  logLevel: 'warning',
})
writeFileSync(join(dist, 'package.json'), JSON.stringify({ type: 'module' }))
for (const { service, folder } of migrationFolders) {
  cpSync(folder, join(dist, service, 'migrations'), { recursive: true })
}
mkdirSync(join(dist, 'docs'))
for (const name of ASSETS) cpSync(join(swaggerUi(), name), join(dist, 'docs', name))

for (const [name] of programs) {
  const kilobytes = Math.round(statSync(join(dist, `${name}.js`)).size / 1000)
  process.stdout.write(`${`${name}.js`.padEnd(20)} ${kilobytes} kB\n`)
}

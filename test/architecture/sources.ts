import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the project. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Import {
  /** The file that imports. */
  from: string
  /** A path like `platform/log/port.ts` for the project's own files, otherwise the package: `node:fs`, `zod`. */
  to: string
  /** Types only: gone at run time. */
  type: boolean
  dynamic: boolean
}

export interface Source {
  path: string
  text: string
  imports: Import[]
}

const folders = ['platform', 'services', 'clients', 'scripts', 'test', 'bench']

/** Every TypeScript file that people wrote, by path. */
export function readSources(): Map<string, Source> {
  const below = folders.filter((folder) => existsSync(join(root, folder))).flatMap(filesBelow)
  const paths = [...readdirSync(root), ...below].filter((path) => path.endsWith('.ts'))
  return new Map(
    paths.sort().map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return [path, { path, text, imports: importsOf(path, text) }]
    }),
  )
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => !/node_modules|\bdist\b/.test(name))
    .map((name) => posix.join(folder, ...name.split(sep)))
}

// Anchored to the beginning of a line, where comments cannot be taken for one.
const staticImport = /^(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+\s+from\s+)?'([^']+)'/gm
const dynamicImport = /\bimport\(\s*'([^']+)'\s*\)/g

export function importsOf(from: string, text: string): Import[] {
  const target = (specifier: string) =>
    specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : packageOf(specifier)
  return [
    ...[...text.matchAll(staticImport)].map(([, type, specifier = '']) => {
      return { from, to: target(specifier), type: type !== undefined, dynamic: false }
    }),
    ...[...text.matchAll(dynamicImport)].map(([, specifier = '']) => {
      return { from, to: target(specifier), type: false, dynamic: true }
    }),
  ]
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** Everything that runs once `path` is imported: files and packages, itself included, with an example of the way there. */
export function reachable(sources: Map<string, Source>, path: string): Map<string, string[]> {
  const ways = new Map<string, string[]>([[path, [path]]])
  for (const [file, way] of ways) {
    for (const { to, type, dynamic } of sources.get(file)?.imports ?? []) {
      if (!type && !dynamic && !ways.has(to)) ways.set(to, [...way, to])
    }
  }
  return ways
}

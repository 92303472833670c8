import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import type { Mutant } from './mutants.testing.ts'
import type { simulate } from './simulate.testing.ts'

const HERE = import.meta.dirname

/** The simulation with one file of it, or of what it tries, changed: made in memory, nothing is written. */
export async function mutate({ file, replace, by }: Mutant): Promise<typeof simulate> {
  let changed = 0
  const patch: Plugin = {
    name: 'mutant',
    setup(builder) {
      builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8')
        if (path !== join(HERE, '..', file)) return { contents: source, loader: 'ts' }
        changed = source.split(replace).length - 1
        return { contents: source.replace(replace, () => by), loader: 'ts' }
      })
    },
  }
  const { outputFiles } = await build({
    entryPoints: [join(HERE, 'simulate.testing.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
    plugins: [patch],
  })
  if (changed !== 1) throw new Error(`${file} has ${changed} times: ${replace}`)
  const code = Buffer.from(outputFiles[0]!.contents).toString('base64')
  const module = (await import(`data:text/javascript;base64,${code}`)) as { simulate: typeof simulate }
  return module.simulate
}

import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import process from 'node:process'
import { inject } from 'vitest'
import { root } from '../architecture/sources.ts'
import { readStages, type Stage } from './dockerfile.ts'

/** Folders in place of images. */
export interface Built {
  /** The one in which the last stage ends. */
  app: string
  /** The root of each stage, by name, or number; `context` is what was sent. */
  stages: ReadonlyMap<string, string>
}

/**
 * Does what the Dockerfile says: a stage begins with nothing but what this machine has in place of its base, Node and npm.
 * @param context the files that a build is sent; they are as whoever checks out for nobody else has them (umask 077)
 */
export function buildImage(folder: string, context: readonly string[]): Built {
  const sources = new Map([['context', join(folder, 'context')]])
  for (const file of context) cpSync(join(root, file), join(folder, 'context', file))
  execFileSync('chmod', ['-R', 'go=', join(folder, 'context')])
  let app = ''
  for (const [nth, stage] of readStages().entries()) {
    const base = mkdtempSync(join(folder, `stage-${nth}-`))
    sources.set(stage.name ?? String(nth), base)
    app = perform(stage, base, sources)
  }
  return { app, stages: sources }
}

/** @param base stands for the root of its file system */
function perform({ steps }: Stage, base: string, sources: ReadonlyMap<string, string>): string {
  const env = { ...process.env, PATH: `${dirname(inject('node'))}:${process.env.PATH}` }
  let working = base
  for (const { keyword, flags, words, text } of steps) {
    if (keyword === 'WORKDIR') {
      working = join(base, words[0]!)
      mkdirSync(working, { recursive: true })
    }
    if (keyword === 'COPY') {
      const source = sources.get(flags.from ?? 'context')
      if (!source) throw new Error(`COPY ${text}: there is no such stage before`)
      const target = words.at(-1)!
      const to = isAbsolute(target) ? join(base, target) : resolve(working, target)
      for (const word of words.slice(0, -1)) copy(join(source, word), to, target.endsWith('/'))
      if (flags.chmod) chmodSync(to, Number.parseInt(flags.chmod, 8))
    }
    if (keyword === 'RUN') execFileSync('sh', ['-c', text], { cwd: working, env, stdio: 'pipe' })
  }
  return working
}

/** Of a folder what is in it; a file into the folder, where the target is one. */
function copy(from: string, to: string, isFolder: boolean): void {
  const folder = statSync(from).isDirectory()
  cpSync(from, isFolder && !folder ? join(to, basename(from)) : to, { recursive: true })
}

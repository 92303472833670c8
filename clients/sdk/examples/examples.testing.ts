import { readFileSync } from 'node:fs'
import { format } from 'node:util'
import { changes } from './changes.ts'
import type { Example, Surroundings } from './example.ts'
import { lists } from './lists.ts'
import { sessions } from './sessions.ts'
import { start } from './start.ts'

/** In the order of the README: each goes on with what the ones before have left. */
const examples: Readonly<Record<string, Example>> = { start, changes, lists, sessions }

export const exampleNames = Object.keys(examples)

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

export const readme = (): string => read('../README.md')

export const promised = (name: string): string[] => promisedIn(read(`${name}.ts`))

/** What code says that it prints: behind a console.log, or in the lines below it. */
export function promisedIn(code: string): string[] {
  const printing = /^ *(?:.* )?console\.log\(.*\)(?: \/\/ (.*))?\n((?: *\/\/ (?!#).*\n)*)/gm
  return [...code.matchAll(printing)].flatMap(([, beside, below = '']) =>
    beside === undefined ? [...below.matchAll(/\/\/ (.*)/g)].map(([, line]) => line!) : [beside],
  )
}

/** What it prints. */
export const printed = (name: string, surroundings: Omit<Surroundings, 'console'>): Promise<string[]> =>
  printedBy(examples[name]!, surroundings)

export async function printedBy(example: Example, surroundings: Omit<Surroundings, 'console'>): Promise<string[]> {
  const lines: string[] = []
  await example({ ...surroundings, console: { log: (...values) => void lines.push(format(...values)) } })
  return lines
}

export const piecesOf = (name: string): Map<string, string> => piecesIn(read(`${name}.ts`))

/** The pieces of an example, as a reader has them: by name, without the indentation. */
export function piecesIn(code: string): Map<string, string> {
  const regions = /^( *)\/\/ #region (\w+)\n([\s\S]*?)^ *\/\/ #endregion/gm
  return new Map(
    [...code.matchAll(regions)].map(([, indent, piece, text]) => [
      piece!,
      text!.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trimEnd(),
    ]),
  )
}

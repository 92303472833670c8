import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DockerfileParser, type Instruction } from 'dockerfile-ast'
import { root } from '../architecture/sources.ts'
import type { Settings } from '../system.ts'

export interface Stage {
  /** What it begins with: an image. */
  from: string
  name: string | undefined
  steps: Step[]
}

export interface Step {
  /** `COPY`, `RUN`. */
  keyword: string
  /** `from: 'build'` of `--from=build`. */
  flags: Settings
  /** Words; of the JSON form its strings. */
  words: string[]
  /** All that follows the keyword and its flags. */
  text: string
}

export interface Image {
  /** What it begins with. */
  from: string
  user: string | undefined
  env: Settings
  entrypoint: string[]
  healthcheck: string[]
}

export function readStages(): Stage[] {
  const file = DockerfileParser.parse(readFileSync(join(root, 'Dockerfile'), 'utf8'))
  const stages: Stage[] = []
  for (const instruction of file.getInstructions()) {
    const step = stepOf(instruction)
    if (step.keyword === 'FROM') stages.push({ from: step.words[0]!, name: step.words[2], steps: [] })
    else stages.at(-1)!.steps.push(step)
  }
  return stages
}

/** What a stage, the last unless it is named, tells an engine about a start. */
export function readImage(target?: string): Image {
  const stages = readStages()
  const stage = target === undefined ? stages.at(-1) : stages.find(({ name }) => name === target)
  if (!stage) throw new Error(`the Dockerfile has no stage ${target}`)
  const { from, steps } = stage
  const wordsOf = (keyword: string) => steps.find((step) => step.keyword === keyword)?.words ?? []
  const check = steps.find(({ keyword }) => keyword === 'HEALTHCHECK')?.text ?? '[]'
  const env = steps.filter(({ keyword }) => keyword === 'ENV').flatMap(({ words }) => words)
  return {
    from,
    user: wordsOf('USER')[0],
    env: Object.fromEntries(env.map((word) => word.split('=', 2))),
    entrypoint: wordsOf('ENTRYPOINT'),
    healthcheck: JSON.parse(check.slice(check.indexOf('['))),
  }
}

/** What only some instructions have. */
interface Detailed {
  getFlags?(): { getName(): string; getValue(): string | null }[]
  getJSONStrings?(): { getJSONValue(): string }[]
  getProperties?(): { getName(): string; getValue(): string | null }[]
}

function stepOf(instruction: Instruction): Step {
  const detailed = instruction as unknown as Detailed
  const flags = detailed.getFlags?.().map((flag) => [flag.getName(), flag.getValue() ?? '']) ?? []
  const strings = detailed.getJSONStrings?.().map((one) => one.getJSONValue()) ?? []
  const pairs = detailed.getProperties?.().map((one) => `${one.getName()}=${one.getValue()}`) ?? []
  const words = instruction.getArguments().map((argument) => argument.getValue())
  return {
    keyword: instruction.getKeyword(),
    flags: Object.fromEntries(flags),
    words: [strings, pairs, words].find((some) => some.length > 0) ?? [],
    text: words.join(' '),
  }
}

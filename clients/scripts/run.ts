import process from 'node:process'
import { Usage } from './options.ts'
import { sentenceOf, WrongAnswer } from './trouble.ts'

/** Ctrl-C, or a request to stop: what is under way is finished, nothing new is begun. */
export class Interrupted extends Error {
  constructor(said = 'Interrupted.') {
    super(said)
    this.name = 'Interrupted'
  }
}

/** Runs a script to its end: 0 where all is well, 1 with a sentence where it is not, 2 for a wrong command line, 130 for Ctrl-C. */
export async function runScript(main: (interrupted: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  const interrupt = () => stop.abort(new Interrupted())
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.once(signal, interrupt) // the second one ends it at once
  try {
    await main(stop.signal)
  } catch (error) {
    process.exitCode = fail(error)
  } finally {
    for (const signal of signals) process.off(signal, interrupt)
  }
}

function fail(error: unknown): number {
  if (error instanceof Usage) {
    const stream = error.status === 0 ? process.stdout : process.stderr
    stream.write(`${error.message}\n`)
    return error.status
  }
  process.stderr.write(`${error instanceof WrongAnswer ? 'Wrong answer: ' : ''}${sentenceOf(error)}\n`)
  return error instanceof Interrupted ? 130 : 1
}

export function say(line = ''): void {
  process.stdout.write(`${line}\n`)
}

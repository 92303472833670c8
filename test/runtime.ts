import process from 'node:process'

/** Arguments that make this runtime (`process.execPath`, Node or Deno) run a TypeScript file in a process of its own. */
export function runFile(file: string): string[] {
  return 'Deno' in globalThis ? ['run', '--no-prompt', '--allow-all', file] : ['--import', 'tsx', file]
}

export const runtime = process.execPath

import process from 'node:process'

/**
 * Arguments that make this runtime (`process.execPath`, Node or Deno) run a TypeScript file in a process of its own.
 *
 * @param permissions those that it has on Deno; Node has none
 */
export function runFile(file: string, permissions: readonly string[] = ['--allow-all']): string[] {
  return 'Deno' in globalThis ? ['run', '--quiet', '--no-prompt', ...permissions, file] : ['--import', 'tsx', file]
}

export const runtime = process.execPath

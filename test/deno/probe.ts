import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'

// Run by permissions.test.ts under a named set: tries what the arguments ask for and prints how each went.
const actions: Record<string, (subject: string) => unknown> = {
  read: (path) => readFileSync(path),
  list: (path) => readdirSync(path),
  write: (path) => {
    writeFileSync(path, '')
    rmSync(path)
  },
  run: (program) => (spawnSync(program).status === 0 ? 'allowed' : 'refused'),
  env: (name) => process.env[name] ?? 'unset',
}

function attempt(action: string, subject: string): string {
  try {
    const value = actions[action]?.(subject)
    return typeof value === 'string' ? value : 'allowed'
  } catch (error) {
    return (error as Error).name === 'NotCapable' ? 'refused' : String(error)
  }
}

const tried = process.argv.slice(2).map((argument) => {
  const [action = '', subject = ''] = argument.split('=')
  return [argument, attempt(action, subject)]
})
process.stdout.write(JSON.stringify(Object.fromEntries(tried)))

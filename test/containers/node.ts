import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { readStages } from './dockerfile.ts'

/** The Node of the image, as its makers have put it into the package registry. It is kept for the next run. */
export function installNode(): string {
  const version = nodeVersion()
  const name = `node-${process.platform}-${process.arch}`
  const folder = join(tmpdir(), `trefoil-node-${version}`)
  if (!existsSync(folder)) {
    const draft = mkdtempSync(`${folder}-draft-`)
    chmodSync(draft, 0o755) // also for whom a service runs as
    execFileSync('npm', ['install', '--prefix', draft, `${name}@${version}`], { stdio: 'pipe' })
    if (existsSync(folder)) rmSync(draft, { recursive: true })
    else renameSync(draft, folder)
  }
  return join(folder, 'node_modules', name, 'bin/node')
}

/** `24.1.0`: one for all stages but the gateway's. */
export function nodeVersion(): string {
  const stages = readStages().filter(({ name }) => name !== 'gateway')
  const bases = new Set(stages.map(({ from }) => from))
  const [base = ''] = bases
  const version = /^node:(\d+\.\d+\.\d+)-alpine$/.exec(base)?.[1]
  if (bases.size !== 1 || !version)
    throw new Error(`the stages begin with ${[...bases].join(' and ')}: one exact version of Node was expected`)
  return version
}

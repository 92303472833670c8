import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { expect, inject, vi } from 'vitest'
import { root } from '../architecture/sources.ts'
import { type Program, startProcess } from '../system/program.ts'
import { readCompose } from './compose.ts'
import type { Network } from './network.ts'

/** The gateway that compose runs, with the Caddyfile that its image has. */
export async function startGateway(network: Network): Promise<Program> {
  const folder = mkdtempSync(join(inject('systems'), 'gateway-'))
  const config = join(folder, 'caddy.json')
  writeFileSync(config, JSON.stringify(configured(network)))
  const url = `http://${network.gateway}:8000`
  const gateway = startProcess({
    command: [inject('caddy'), 'run', '--config', config],
    cwd: folder,
    env: { XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    url,
  })
  const look = async () =>
    expect(gateway.status() ?? (await fetch(`${url}/livez`).then(({ status }) => status))).toBe(200)
  try {
    await vi.waitFor(look, { timeout: 20_000, interval: 50 })
  } catch (error) {
    if (gateway.status() === undefined) await gateway.end('SIGKILL')
    throw new Error(gateway.said(), { cause: error })
  }
  return gateway
}

type Json = Json[] | { [name: string]: Json } | string | number | boolean | null

/**
 * The Caddyfile in the form that Caddy itself works with. Two things differ, because others run on this machine too: it
 * listens on an address of the network instead of all, and asks the network's name server instead of Docker's.
 */
function configured(network: Network): Json {
  const { PATH = '' } = process.env
  const command = ['adapt', '--config', join(root, 'Caddyfile')]
  const { dns_opt: options } = readCompose().services.gateway!
  const env = { PATH, TREFOIL_DNS: network.nameserver(options) }
  const config: Json = JSON.parse(execFileSync(inject('caddy'), command, { env, encoding: 'utf8', stdio: 'pipe' }))
  return moved(config, `${network.gateway}:8000`)
}

function moved(node: Json, address: string): Json {
  if (Array.isArray(node)) return node.map((member) => moved(member, address))
  if (typeof node !== 'object' || node === null) return node
  const members = Object.entries(node).map(([name, value]) => [
    name,
    name === 'listen' ? [address] : moved(value, address),
  ])
  return Object.fromEntries(members)
}

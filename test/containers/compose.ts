import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root } from '../architecture/sources.ts'
import type { Settings } from '../system.ts'

/** As much of docker-compose.yml as the tests look at. */
export interface Compose {
  name: string
  services: Record<string, ComposeService>
  volumes?: Record<string, unknown>
  networks: Record<string, unknown>
}

export interface ComposeService {
  image?: string
  build?: string | { context: string; target: string }
  command?: string[]
  environment?: Record<string, string | number | boolean | null>
  depends_on?: Record<string, { condition: string }>
  networks?: string[]
  dns_opt?: string[]
  dns_search?: string[]
  volumes?: string[]
  ports?: string[]
  healthcheck?: { test: string[] }
  restart?: string
  user?: string
  logging?: { driver: string; options: Settings }
  read_only?: boolean
  cap_drop?: string[]
  cap_add?: string[]
  security_opt?: string[]
  mem_limit?: string
  stop_grace_period?: string
  container_name?: string
}

/** @param variables what `docker compose` would find in the shell or in `.env` */
export function readCompose(variables: Settings = {}): Compose {
  const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8')
  return parse(interpolated(text, variables), { merge: true })
}

/** The one form of a variable that the file has, `${NAME:-default}`: an empty value counts as none. */
function interpolated(text: string, variables: Settings): string {
  const filled = text.replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, fallback: string) => variables[name] || fallback,
  )
  const left = /\$[^\s]*/.exec(filled.replaceAll('$$', ''))
  if (left) throw new Error(`docker-compose.yml has ${left[0]}, which these tests do not know how to fill in`)
  return filled
}

/** Those that are ours, in the order of the file: of the one image that all of them are. */
export const builtServices = ({ services }: Compose): string[] =>
  Object.keys(services).filter((name) => services[name]?.build === '.')

export const environmentOf = ({ environment = {} }: Pick<ComposeService, 'environment'>): Settings =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value ?? '')]))

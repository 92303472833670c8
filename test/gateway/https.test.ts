import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import { root } from '../architecture/sources.ts'

const DOMAIN = 'api.example.com'

interface Route {
  match?: { host?: string[] }[]
  handle: { handler: string; routes?: Route[] }[]
}
interface Server {
  listen: string[]
  routes: Route[]
  errors?: { routes: Route[] }
  automatic_https?: object
  tls_connection_policies?: object[]
  max_header_bytes?: number
}

/** As docker-compose.https.yml has it. */
function site(): string {
  const { services } = parse(readFileSync(join(root, 'docker-compose.https.yml'), 'utf8'))
  return services.gateway.environment.SITE.replace(/\$\{DOMAIN:\?[^}]*\}/, DOMAIN)
}

const caddy = (command: string): string =>
  execFileSync(inject('caddy'), [command, '--config', 'Caddyfile'], {
    ...{ cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    env: { PATH: process.env.PATH, SITE: site() },
  })

describe('the Caddyfile with HTTPS', () => {
  let servers: Server[]
  beforeAll(() => {
    const config = JSON.parse(caddy('adapt'), (key, value) => (key === 'group' ? 'numbered over all sites' : value))
    servers = Object.values(config.apps.http.servers)
  })
  const at = (port: string): Server =>
    servers.find(({ listen }) => listen.includes(port)) ?? expect.fail(`nothing listens at ${port}`)

  test('is one that Caddy takes', () => {
    expect(site()).toBe(`:8000, ${DOMAIN}`)
    expect(caddy('validate')).toContain('Valid configuration')
  })

  test('stays plain on port 8000, for every name', () => {
    expect(servers.flatMap(({ listen }) => listen).sort()).toEqual([':443', ':8000'])
    const { routes, tls_connection_policies } = at(':8000')
    expect(tls_connection_policies).toBeUndefined()
    expect(routes.flatMap(({ match = [] }) => match.flatMap(({ host = [] }) => host))).toEqual([])
  })

  test('is served on port 443 to its name alone', () => {
    expect(at(':443').automatic_https).toBeUndefined() // Caddy gets the certificate, and sends plain requests here
    expect(at(':443').routes.map(({ match }) => match)).toEqual([[{ host: [DOMAIN] }]])
  })

  test('answers, refuses and limits the same on both', () => {
    const [plain, secure] = [at(':8000'), at(':443')]
    /** Without the choice of a host, which port 443 has around everything. */
    const within = ([route, ...others]: Route[] = []): Route[] => {
      const inner = route?.match?.some(({ host }) => host) ? route.handle[0]?.routes : undefined
      return inner && others.length === 0 ? inner : [route!, ...others]
    }
    expect(JSON.stringify(plain.routes)).toContain('reverse_proxy')
    expect(JSON.stringify(plain.errors?.routes)).toContain('gateway.unavailable')
    expect(within(secure.routes)).toEqual(within(plain.routes))
    expect(within(secure.errors?.routes)).toEqual(within(plain.errors?.routes))
    expect(secure.max_header_bytes).toBe(plain.max_header_bytes)
  })
})

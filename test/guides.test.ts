import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from './architecture/sources.ts'
import { builtServices, readCompose } from './containers/compose.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')

describe('the runbook in docs/operating.md', () => {
  const guide = read('docs/operating.md')
  const alerts: { groups: { rules: { alert: string }[] }[] } = parse(read('ops/prometheus/alerts.yml'))
  const rules = alerts.groups.flatMap((group) => group.rules)

  test.each(rules.map(({ alert }) => alert))('says what to do about %s', (alert) => {
    expect(guide).toContain(`### ${alert}`)
  })

  test('has no alert that there is no rule for', () => {
    const told = [...guide.matchAll(/^### (Trefoil\w+)$/gm)].map(([, name]) => name)
    expect(told).toEqual(rules.map(({ alert }) => alert))
  })
})

describe('what docs/operating.md has compose do', () => {
  const guide = read('docs/operating.md')
  const { name, services, volumes } = readCompose()
  const lines = [...guide.matchAll(/docker compose ((?:(?! {2}#|[`<>\n]).)+)/g)].map(([, words = '']) => words.trim())
  const programOf = (file: string) => read(`scripts/${file.replace(/\.js$/, '.ts')}`)

  test.each(lines)('docker compose %s', (line) => {
    const [command = '', ...words] = line.replace(/^(-f \S+ )+/, '').split(' ')
    const plain = words.filter((word, nth) => !word.startsWith('-') && !TAKES_VALUE.has(words[nth - 1] ?? ''))
    const named = command === 'run' || command === 'exec' ? plain.slice(0, 1) : plain
    expect(['build', 'exec', 'logs', 'ps', 'pull', 'restart', 'rm', 'run', 'start', 'stop', 'up', 'down']).toContain(
      command,
    )
    expect(Object.keys(services)).toEqual(expect.arrayContaining(named))
    for (const [, scaled] of line.matchAll(/--scale (\w+)=/g)) expect(Object.keys(services)).toContain(scaled)
    for (const file of plain.filter((word) => word.endsWith('.js'))) expect(programOf(file)).toContain('withParts')
  })

  test('in Postgres is that of its user and database, in Kafka in its folder', () => {
    const { POSTGRES_USER: user } = services.postgres!.environment!
    const database = new URL(String(services.users!.environment!.DATABASE_URL)).pathname.slice(1)
    const inPostgres = lines.filter((line) => line.startsWith('exec') && line.includes(' postgres '))
    expect(
      inPostgres.map((line) => / (pg_dump|psql|pg_restore) -U (\w+) (?:-d |-Fc )(\w+)/.exec(line)?.slice(1)),
    ).toEqual([
      ['pg_dump', user, database], // another version of Postgres
      ['pg_restore', user, database],
      ['psql', user, database], // another password
      ['pg_dump', user, database], // backup
      ['psql', user, database], // restore
      ['pg_restore', user, database],
    ])
    const [, folder] = services.kafka!.volumes![0]!.split(':')
    const inKafka = lines.filter((line) => line.includes('--entrypoint'))
    expect(inKafka.map((line) => line.includes(` ${folder} `))).toEqual([true, true])
    expect(volumes).toHaveProperty('kafka')
  })

  test('to restore, and to dump for another Postgres, is to stop whoever writes', () => {
    const stops = lines.filter((line) => line.startsWith('stop gateway'))
    const all = `stop ${['gateway', ...builtServices(readCompose())].join(' ')}`
    expect(stops).toEqual([all, all])
  })

  test('is to throw away volumes that there are', () => {
    const thrown = [...guide.matchAll(/docker volume rm (\w+)/g)].map(([, volume]) => volume)
    expect(thrown).toEqual(['trefoil_mongo', 'trefoil_postgres'])
    for (const volume of thrown) expect(volumes).toHaveProperty(volume!.replace(`${name}_`, ''))
  })

  test('is to upgrade with what has been mended in every image that is not built here', () => {
    const pulled = Object.keys(services).filter((one) => services[one]!.image)
    expect(lines).toEqual(expect.arrayContaining(['build --pull', `pull ${pulled.join(' ')}`]))
  })

  test('with settings that the compose files take', () => {
    const text = read('docker-compose.yml') + read('docker-compose.https.yml')
    for (const setting of ['IPV6', 'POSTGRES_PASSWORD']) {
      expect(guide).toContain(`${setting}=`)
      expect(text).toContain(`\${${setting}:`)
    }
  })
})

const TAKES_VALUE = new Set(['--scale', '--entrypoint', '-U', '-d', '-c', '-C'])

describe('what the guides tell people to run', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const { tasks } = JSON.parse(read('deno.json')) as { tasks: Record<string, unknown> }
  const guides = ['README.md', 'docs/operating.md', 'docs/adding-an-entity.md']
  const said = (pattern: RegExp) =>
    guides.flatMap((path) => [...read(path).matchAll(pattern)].map(([, name = '']): [string, string] => [path, name]))

  test.each(said(/npm run ([\w:-]+)/g))('%s: npm run %s', (_, name) => {
    expect(Object.keys(scripts)).toContain(name)
  })

  test.each(said(/deno task ([\w:-]+)/g))('%s: deno task %s', (_, name) => {
    expect(Object.keys(tasks)).toContain(name)
  })
})

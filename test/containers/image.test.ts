import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { root } from '../architecture/sources.ts'
import { freePort } from '../system/free-port.ts'
import { type Place, realPlace } from '../system/place.ts'
import { type Program, startProcess } from '../system/program.ts'
import { type Built, buildImage } from './build.ts'
import { builtServices, readCompose } from './compose.ts'
import { readImage } from './dockerfile.ts'
import { askEngine, ENGINE_MS } from './engine.ts'
import { nodeVersion } from './node.ts'

const image = readImage()
const commands = builtServices(readCompose()).map((service) => readCompose().services[service]!.command![0]!)

test('the engine finds nothing wrong with the Dockerfile', { timeout: ENGINE_MS }, () => {
  askEngine('check')
})

test('its Node is one that the project runs on, and that these tests run on', () => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const order = (version: string) => version.split('.').reduce((sum, part, nth) => sum + Number(part) * 1000 ** -nth, 0)
  expect(order(nodeVersion())).toBeGreaterThanOrEqual(order(engines.node.replace('>=', '')))
  expect(execFileSync(inject('node'), ['--version'], { encoding: 'utf8' })).toBe(`v${nodeVersion()}\n`)
})

describe('what the Dockerfile makes of what it is sent', { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-build-'))
  let context: string[]
  let app: string
  let built: Built
  beforeAll(() => {
    context = askEngine('context').trim().split('\n')
    built = buildImage(folder, context)
    app = built.app
  }, ENGINE_MS)
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

  test('it is sent sources, and no test, secret or data', () => {
    const folders = new Set(context.map((file) => file.split('/')[0]))
    expect([...folders].sort()).toEqual([
      '.npmrc',
      'Caddyfile',
      'package-lock.json',
      'package.json',
      'platform',
      'scripts',
      'services',
      'tsconfig.json',
    ])
    expect(context.filter((file) => /\.(test|suite|testing|fixture)\.ts$|\.env|\.data/.test(file))).toEqual([])
  })

  test('the image holds the same as a build here, byte by byte', () => {
    expect(filesOf(app)).toEqual(filesOf(inject('app')))
    const different = filesOf(app)
      .filter((file) => !file.endsWith('.map')) // they tell the way to the sources, from where they are
      .filter((file) => !readFileSync(join(app, file)).equals(readFileSync(join(inject('app'), file))))
    expect(different).toEqual([])
  })

  test('the image holds bundles, their maps, SQL and Swagger UI, and nothing else', () => {
    const bundles = filesOf(app).filter((file) => /^[\w-]+\.js$/.test(file))
    expect(bundles).toEqual(expect.arrayContaining(commands))
    const known = /^[\w-]+\.js(\.map)?$|^package\.json$|^\w+\/migrations\/\w+\.sql$|^docs\/(swagger-ui|favicon)[\w.-]+$/
    expect(filesOf(app).filter((file) => !known.test(file))).toEqual([])
    for (const bundle of bundles) {
      expect(readFileSync(join(app, bundle), 'utf8')).not.toContain(root)
    }
  })

  test('others than root can read all of it, whatever the modes of the sources', () => {
    const modes = filesOf(app).flatMap((file) =>
      [file, dirname(file)].map((path) => [path, statSync(join(app, path)).mode]),
    )
    const shut = modes.filter(([path, mode]) => path !== '.' && (Number(mode) & 0o004) === 0)
    expect(shut).toEqual([])
  })

  test("the gateway's image has the Caddyfile where Caddy reads it, for everybody", () => {
    const file = join(built.stages.get('gateway')!, 'etc/caddy/Caddyfile')
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(join(root, 'Caddyfile'), 'utf8'))
    expect(statSync(file).mode & 0o777).toBe(0o644)
  })
})

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()

// `USER node` and `read_only: true`: for somebody without privileges a tree that nobody may write is a read-only one.
describe('as an unprivileged user, on a tree that cannot be written', { timeout: 120_000 }, () => {
  const NODE = 1000 // the user `node` of the image
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-readonly-'))
  const programs = new Map<string, Program>()
  let place: Place
  beforeAll(async () => {
    place = await realPlace()
    cpSync(inject('app'), folder, { recursive: true })
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o555 : 0o444)
    }
    chmodSync(folder, 0o555)
    const ports = new Map<string, number>()
    for (const command of commands) ports.set(command, await freePort())
    const urlOf = (command: string) => `http://127.0.0.1:${ports.get(command)}`
    const others = { USERS_URL: urlOf('users.js'), PROJECTS_URL: urlOf('projects.js'), HOME: '/', HOST: '127.0.0.1' }
    for (const command of commands) {
      const program = startProcess({
        command: [inject('node'), ...image.entrypoint.slice(1), command],
        cwd: folder,
        env: { ...image.env, ...place.env, ...others, PORT: `${ports.get(command)}` },
        url: urlOf(command),
        ...(process.getuid?.() === 0 && { uid: NODE }),
      })
      programs.set(command, program)
    }
  }, 60_000)
  afterAll(async () => {
    for (const program of programs.values()) if (program.status() === undefined) await program.end('SIGKILL')
    await place?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const health = ({ url }: Program) => {
    const [, ...parameters] = image.healthcheck
    return spawnSync(inject('node'), parameters, { env: { PATH: process.env.PATH, PORT: new URL(url).port } }).status
  }

  test('the user cannot write it', () => {
    const probe = () => writeFileSync(join(folder, 'probe'), '')
    if (process.getuid?.() === 0) {
      const script = `require('node:fs').writeFileSync('probe', '')`
      const tried = spawnSync(inject('node'), ['-e', script], { cwd: folder, uid: NODE, gid: NODE, encoding: 'utf8' })
      expect(tried.stderr).toContain('EACCES')
    } else expect(probe).toThrow('EACCES')
  })

  test.each(commands)('%s starts there, and its health check says so', async (command) => {
    const program = programs.get(command)!
    await program.ready()
    expect(health(program)).toBe(0)
    expect((await fetch(`${program.url}/docs/swagger-ui.css`)).status).toBe(200)
  })

  test.each(commands)('SIGTERM stops %s in order, and its health check says that too', async (command) => {
    const program = programs.get(command)!
    expect(await program.end('SIGTERM')).toBe(0)
    expect(health(program)).toBe(1)
  })
})

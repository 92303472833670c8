import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { settings } from '../platform/config/settings.ts'
import { type Import, importsOf, reachable, readSources, root } from './architecture/sources.ts'

const sources = readSources()
const files = [...sources.keys()]
const isTest = (path: string) => /\.(test|suite|testing|fixture)\.ts$|^(test|bench)\/|\/suite[/.-]|^vitest\./.test(path)
const product = files.filter((path) => !isTest(path))
const imports = product.flatMap((path) => sources.get(path)?.imports ?? [])

/** The first two folders: the service, or the part of the platform, that a file belongs to. */
const home = (path: string) => path.split('/', 2).join('/')
const inService = (path: string) => /^services\/\w+\//.test(path)
const name = (path: string) => path.slice(path.lastIndexOf('/') + 1)
const say = ({ from, to }: Import) => `${from} imports ${to}`

const services = [...new Set(files.filter(inService).map(home))]
const entities = services.filter((service) => sources.has(`${service}/schema.ts`))

describe('pure files', () => {
  const pure = product.filter((path) => /^services\/\w+\/(schema|contract|rules|access)\.ts$/.test(path))
  const purePackages = ['zod', 'uuid', 'transliteration']

  const acts = (to: string) =>
    sources.has(to) ? /\/(queries|router|main)\.ts$|\/store\//.test(to) : !purePackages.includes(to)

  test.each(pure)('%s reaches nothing that acts: no runtime, network, file or store', (path) => {
    const acting = [...reachable(sources, path)].filter(([to]) => acts(to))
    expect(acting.map(([, way]) => way.join(' → '))).toEqual([])
  })

  test('a schema stands on zod, other schemas and the platform', () => {
    const wrong = imports
      .filter(({ from }) => name(from) === 'schema.ts')
      .filter(({ to }) => to !== 'zod' && name(to) !== 'schema.ts' && !to.startsWith('platform/'))
    expect(wrong.map(say)).toEqual([])
  })
})

describe('services', () => {
  const open = /^(schema|contract|rules|access)\.ts$/
  // How others look up what a service owns; `services/open.ts` hands them one.
  const isDirectoryType = ({ to, type }: Import) => type && name(to) === 'directory.ts'
  const composes = (path: string) => /^(main\.ts|services\/[\w-]+\.ts|scripts\/.*)$/.test(path)
  const mayWriteStores = ({ from, to }: Import) =>
    home(from) === 'services/consumer' && to.startsWith(`${home(to)}/store/`)

  test("nobody imports a service's private files: queries, router, stores", () => {
    const wrong = imports
      .filter(({ from, to }) => inService(to) && home(from) !== home(to) && !open.test(name(to)))
      .filter((edge) => !composes(edge.from) && !mayWriteStores(edge) && !isDirectoryType(edge))
    expect(wrong.map(say)).toEqual([])
  })

  test('the platform knows no entity', () => {
    const wrong = imports.filter(({ from, to }) => from.startsWith('platform/') && /^(services|clients)\//.test(to))
    expect(wrong.map(say)).toEqual([])
  })

  test('clients import types only', () => {
    const wrong = imports.filter(
      ({ from, to, type }) => /^clients\//.test(from) && /^(services|platform)\//.test(to) && !type,
    )
    expect(wrong.map(say)).toEqual([])
  })
})

describe('adapters', () => {
  const ports = ['log', 'cache', 'sql', 'bus'].map((port) => `platform/${port}`)
  const adapters = imports.filter(({ from, dynamic }) => dynamic && ports.some((port) => from === `${port}/mod.ts`))

  test('every port has them', () => {
    expect(new Set(adapters.map(({ from }) => home(from)))).toEqual(new Set(ports))
  })

  test('only the mod.ts of their own port imports them, and only when they are chosen', () => {
    const chosen = new Set(adapters.map(({ to }) => to))
    const wrong = imports.filter(({ from, to, dynamic, type }) => {
      return chosen.has(to) && !type && !(dynamic && from === `${home(to)}/mod.ts`)
    })
    expect(wrong.map(say)).toEqual([])
  })

  test("an adapter's folder is its own", () => {
    const wrong = imports.filter(({ from, to }) => {
      const owner = adapters.find((adapter) => to.startsWith(adapter.to.replace(/\.ts$/, '/')))?.to
      return owner && from !== owner && !from.startsWith(owner.replace(/\.ts$/, '/'))
    })
    expect(wrong.map(say)).toEqual([])
  })

  test('no driver is loaded unless its adapter is', () => {
    const drivers = ['pg', 'ioredis', 'kafkajs', '@electric-sql/pglite']
    const modules = [...ports.map((port) => `${port}/mod.ts`), 'platform/open.ts'].filter((path) => sources.has(path))
    const loaded = modules.flatMap((path) => drivers.flatMap((driver) => reachable(sources, path).get(driver) ?? []))
    expect(loaded).toEqual([])
  })
})

describe('files', () => {
  test('imports run in no circle', () => {
    const circles = product.flatMap((path) =>
      (sources.get(path)?.imports ?? [])
        .filter(({ type, dynamic }) => !type && !dynamic)
        .flatMap(({ to }) => (sources.has(to) ? (reachable(sources, to).get(path) ?? []).join(' → ') || [] : [])),
    )
    expect(circles).toEqual([])
  })

  test('nothing of the product stands on tests', () => {
    expect(imports.filter(({ to }) => isTest(to)).map(say)).toEqual([])
  })

  test('the environment is read in platform/config alone, and a password for scripts', () => {
    const mayRead = (path: string) => path.startsWith('platform/config/') || path === 'clients/scripts/password.ts'
    const reads = product.filter((path) => /\bprocess\.env\b|\bDeno\.env\b/.test(sources.get(path)?.text ?? ''))
    expect(reads.filter((path) => !mayRead(path))).toEqual([])
  })

  test.each(Object.keys(settings))('%s does something', (setting) => {
    const name = setting.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase())
    const field = new RegExp(`(\\.|[{,] )${name}\\b`) // of the settings, or taken out of them
    const readers = product.filter((path) => field.test(sources.get(path)?.text ?? ''))
    expect(readers.filter((path) => !path.startsWith('platform/config/'))).not.toEqual([])
  })

  /** To be split by theme; none is to be added. */
  const stillLong = ['test/bad-input/cases.ts']

  test('each can be read at once: 250 lines at most', () => {
    const long = files.filter((path) => (sources.get(path)?.text.split('\n').length ?? 0) > 251)
    expect(long.filter((path) => !stillLong.includes(path))).toEqual([])
  })
})

describe('every entity is in the lists that make it known', () => {
  const lists = ['services/catalog.ts', 'services/open.ts', 'services/consumer/entities.ts']
  const pairs = entities.flatMap((entity) => lists.map((list) => ({ entity, list })))

  test.each(pairs)('$entity in $list', ({ entity, list }) => {
    expect(sources.get(list)?.imports.some(({ to }) => home(to) === entity)).toBe(true)
  })

  test.each(entities)('%s in services/migrations.ts', (entity) => {
    expect(sources.get('services/migrations.ts')?.text).toContain(`'${name(entity)}'`)
  })

  test.each(entities)('%s in docker-compose.yml, and among what the gateway waits for', (entity) => {
    const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'))
    expect(Object.keys(services)).toContain(name(entity))
    expect(Object.keys(services.gateway.depends_on)).toContain(name(entity))
  })

  test.each(entities)('%s in deno.json, with a task and a permission set', (entity) => {
    const { tasks, permissions } = JSON.parse(readFileSync(join(root, 'deno.json'), 'utf8'))
    expect(Object.keys(tasks)).toContain(name(entity))
    expect(Object.keys(permissions)).toContain(name(entity))
  })
})

describe('importsOf', () => {
  test.each([
    ["import { a } from './b.ts'", [{ to: 'x/b.ts', type: false, dynamic: false }]],
    ["import type { A } from '../b.ts'", [{ to: 'b.ts', type: true, dynamic: false }]],
    ["import {\n  a,\n  type B,\n} from '@scope/name/deep'", [{ to: '@scope/name', type: false, dynamic: false }]],
    ["import * as fs from 'node:fs/promises'", [{ to: 'node:fs/promises', type: false, dynamic: false }]],
    ["import 'pg/lib/x.js'", [{ to: 'pg', type: false, dynamic: false }]],
    ["export { a } from './b.ts'", [{ to: 'x/b.ts', type: false, dynamic: false }]],
    ["export type { A } from './b.ts'", [{ to: 'x/b.ts', type: true, dynamic: false }]],
    ["  return (await import('./b.ts')).open()", [{ to: 'x/b.ts', type: false, dynamic: true }]],
    [" * import { a } from './b.ts'\n// import './c.ts'\nexport const a = 'from'", []],
  ])('%s', (text, expected) => {
    expect(importsOf('x/a.ts', text)).toEqual(expected.map((edge) => ({ from: 'x/a.ts', ...edge })))
  })
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const text = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const read = (path: string) => JSON.parse(text(path))
const project = read('../../package.json')
const npm = read('package.json')
const jsr = read('jsr.json')

test('both manifests are in step with the project', () => {
  const { version, license, engines } = project
  expect(npm).toMatchObject({ version, license, engines })
  expect(jsr).toMatchObject({ version, license, name: npm.name })
})

test('both depend on what the project is tested with', () => {
  const names = Object.keys(npm.dependencies)
  const ranges = names.map((name) => [name, project.dependencies[name]])
  expect(npm.dependencies).toEqual(Object.fromEntries(ranges))
  expect(jsr.imports).toEqual(Object.fromEntries(ranges.map(([name, range]) => [name, `npm:${name}@${range}`])))
})

test('both begin with the same module', () => {
  const { types, default: entry } = npm.exports['.']
  expect([entry, types]).toEqual([jsr.exports, jsr.exports.replace('.js', '.d.ts')])
})

test('both take the licence of the project along', () => {
  expect(text('LICENSE')).toBe(text('../../LICENSE'))
  expect(jsr.publish.include).toContain('LICENSE') // npm takes it by itself
})

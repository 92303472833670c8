import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from './architecture/sources.ts'

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

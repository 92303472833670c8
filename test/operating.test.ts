import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { root } from './architecture/sources.ts'
import { builtServices, readCompose } from './containers/compose.ts'
import { ADDED, type Exported, readPage, readQuery } from './operating/prometheus.ts'
import { type System, startEmbedded } from './system.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')

interface Panel {
  title: string
  description?: string
  targets?: { expr: string }[]
}
const dashboard: { panels: Panel[]; templating: { list: { query: string | { query: string } }[] } } = JSON.parse(
  read('ops/grafana/trefoil.json'),
)
const alerts: { groups: { rules: { alert: string; expr: string }[] }[] } = parse(read('ops/prometheus/alerts.yml'))
const rules = alerts.groups.flatMap((group) => group.rules)
const processes = builtServices(readCompose())
const guide = read('docs/operating.md')

const queries: [string, string][] = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [`panel ${title}`, expr]),
  ),
  ...dashboard.templating.list.flatMap(({ query }): [string, string][] =>
    typeof query === 'string' ? [] : [['a variable', asExpression(query.query)]],
  ),
  ...rules.map(({ alert, expr }): [string, string] => [`alert ${alert}`, expr]),
]

/** `label_values(series, label)`, which is Grafana's own, as an expression with the same names in it. */
function asExpression(query: string): string {
  const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? []
  return `max by (${label}) (${series.includes('{') ? series : `${series}{}`})`
}

/** Where something has happened of all that is counted by what it was. */
let page: Exported
let system: System
beforeAll(async () => {
  system = await startEmbedded()
  const ann = await system.people.join('ann')
  const { body } = await ann.ask<{ id: string }>('POST', '/projects', { body: { name: 'Apollo' } })
  await ann.ask('POST', '/tasks', { body: { projectId: body.id, title: 'Test the engine' } })
  await ann.ask('GET', `/projects/${body.id}`)
  // What is asked of a part or of the log is not on a page for which they did not answer in time.
  const scrape = async () => {
    page = readPage(await (await fetch(`${system.url}/metrics`)).text())
    for (const name of ['trefoil_consumer_lag', 'trefoil_part_up']) expect(page.labels.get(name)).toContain('service')
  }
  await vi.waitFor(scrape, { timeout: 60_000, interval: 200 })
}, 180_000)
afterAll(() => system?.stop())

describe('the dashboard and the alerts ask for what is there', () => {
  test.each(queries)('%s: %s', (_, expr) => {
    const { series, grouped, stray } = readQuery(expr)
    expect(stray).toEqual([])
    expect(series).not.toEqual([])
    for (const { name, labels } of series) {
      const there = [...(page.labels.get(name) ?? [])]
      expect(there, name).not.toEqual([])
      for (const label of labels) expect([...there, ...ADDED], `${label} of ${name}`).toContain(label)
    }
    const all = series.flatMap(({ name }) => [...(page.labels.get(name) ?? [])])
    for (const label of grouped) expect([...all, ...ADDED]).toContain(label)
  })

  test('every metric of ours is shown somewhere', () => {
    const shown = new Set(queries.flatMap(([, expr]) => readQuery(expr).series.map(({ name }) => metricOf(name))))
    const ours = [...page.help.keys()].filter((name) => name.startsWith('trefoil_'))
    expect(ours.filter((name) => !shown.has(name))).toEqual([])
  })
})

test('each process that compose runs is scraped, and missed where it is gone', () => {
  const { scrape_configs } = parse(read('ops/prometheus/prometheus.yml'))
  expect(scrape_configs[0].dns_sd_configs[0].names).toEqual(processes)
  const { expr = '' } = rules.find(({ alert }) => alert === 'TrefoilServiceGone') ?? {}
  expect([...expr.matchAll(/absent\(trefoil_part_up\{service="(\w+)"\}\)/g)].map(([, name]) => name)).toEqual(processes)
})

const metricOf = (series: string): string =>
  page.help.has(series) ? series : series.replace(/_(bucket|count|sum)$/, '')

describe('docs/operating.md', () => {
  const table = [...guide.matchAll(/^\| `(trefoil_\w+)` \| (\w+) \| (.*?) \| (.*?) \|/gm)]

  test('has each metric of ours, with its type, labels and meaning', () => {
    const told = table.map(([, name, type, labels, says]) => [name, type, labels, says])
    const exported = [...page.help].flatMap(([name, says]) => {
      if (!name.startsWith('trefoil_')) return []
      const labels = new Set([...page.labels].flatMap(([series, all]) => (metricOf(series) === name ? [...all] : [])))
      for (const own of ['service', 'le']) labels.delete(own)
      return [
        [
          name,
          page.type.get(name),
          [...labels]
            .sort()
            .map((label) => `\`${label}\``)
            .join(', '),
          says,
        ],
      ]
    })
    expect(told.sort()).toEqual(exported.sort())
  })

  test('names no metric that is not there', () => {
    const named = [...guide.matchAll(/(?<!volume rm )\b((?:trefoil|process|nodejs)_\w+)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => !page.labels.has(name) && !page.help.has(name))).toEqual([])
  })
})

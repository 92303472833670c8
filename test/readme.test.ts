import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from './architecture/sources.ts'
import { consoleOf } from './readme/console.ts'
import { createShell, type Printed, type Shell } from './readme/curl.ts'
import { createComparison } from './readme/output.ts'
import { admin, type System, startFresh } from './system.ts'

const tour = consoleOf(readFileSync(join(root, 'README.md'), 'utf8'), '## A tour').filter(({ command }) =>
  command.includes('curl '),
)

describe('the tour in README.md, on a fresh start', () => {
  const comparison = createComparison()
  let system: System
  let shell: Shell
  beforeAll(async () => {
    system = await startFresh()
    shell = createShell(system.url)
  })
  afterAll(() => system?.stop())

  test('is a log-in, which prints nothing, and what answers after it', () => {
    const [login, ...others] = tour
    expect(login).toEqual({ command: expect.stringContaining('/token'), output: '' })
    expect(others.length).toBeGreaterThan(3)
    for (const { output } of others) expect(output).toMatch(/^\{.*\}$/m)
  })

  // In this order: each stands on those before it, as for whoever goes from top to bottom.
  test.each(tour.map((shown) => [shown.command.replaceAll('\\\n', ' '), shown] as const))(
    '%s',
    async (_, { command, output }) => {
      const typed = comparison.now(command).replace('password=…', `password=${encodeURIComponent(admin.password)}`)
      const printed = textOf(await shell.run(typed), output)
      expect(printed).toMatch(comparison.patternOf(output))
      comparison.learn(output, printed)
    },
  )
})

/** As it would be printed with the headers that are shown; others are left out where a line says so. */
function textOf(printed: Printed | undefined, shown: string): string {
  const { head, body = '' } = printed ?? {}
  if (!head) return body
  const [, ...lines] = shown.split('\n\n', 1)[0]!.split('\n')
  const names = lines.map((line) => line.split(': ', 1)[0]!)
  const rest = [...head.headers.keys()].filter((name) => !names.includes(name))
  const left = names.includes('…') ? [] : rest.map((name) => `${name}: ${head.headers.get(name)}`)
  const headers = names.map((name) => (name === '…' ? name : `${name}: ${head.headers.get(name)}`))
  return [head.line, ...headers, ...left, '', body].join('\n')
}

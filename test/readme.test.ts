import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { piecesIn, printedBy, promisedIn } from '../clients/sdk/examples/examples.testing.ts'
import { root } from './architecture/sources.ts'
import { consoleOf } from './readme/console.ts'
import { createShell, type Shell, textOf } from './readme/curl.ts'
import { createComparison } from './readme/output.ts'
import { linesLike, shapeOf } from './readme/shape.ts'
import { typescript } from './readme/typescript.ts'
import { runScript } from './scripts/script.ts'
import { admin, type System, startFresh } from './system.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const shown = consoleOf(readme, '## A tour')
const tour = shown.filter(({ command }) => command.includes('curl '))
const scripts = shown.flatMap(({ command, output }) => {
  const [, name, args = ''] = /\bnpm run (\w+)(?: -- (.*))?$/.exec(command) ?? []
  return name ? [{ command, name, args: args.split(' ').filter(Boolean), output }] : []
})

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

  test('the same in TypeScript prints what it says', async () => {
    const [, code = ''] = /^```ts\n(import [\s\S]*?\n)```$/m.exec(readme) ?? []
    const piece = piecesIn(readFileSync(new URL('readme/typescript.ts', import.meta.url), 'utf8')).get('tour')
    expect(code.replace(/^import .*\n\n/, '').replace(/url: '.*?'/, 'url')).toBe(`${piece}\n`)
    expect(await printedBy(typescript, { url: system.url, password: admin.password })).toEqual(promisedIn(code))
  })

  test('goes on with each of the scripts, and ends with schemathesis, which has a test of its own', () => {
    expect(scripts.map(({ name }) => name)).toEqual(['tour', 'seed', 'report'])
    const others = shown.slice(tour.length + scripts.length)
    expect(others).toEqual([{ command: expect.stringContaining(' st '), output: expect.stringContaining('passed') }])
  })

  test.each(scripts)('$command', { timeout: 180_000 }, async ({ name, args, output }) => {
    const { status, out, err } = await runScript(name, [...args, '--url', system.url], admin.password)
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(shapeOf(withoutDueDates(out))).toMatch(linesLike(shapeOf(withoutDueDates(output))))
  })
})

/** What is overdue depends on the day. */
const withoutDueDates = (report: string): string => report.replaceAll(/, \d+ overdue$|(?<=\d|·) +[\d·]+$/gm, '')

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { root } from '../architecture/sources.ts'
import { runDeno } from './deno.ts'

const { tasks } = JSON.parse(readFileSync(join(root, 'deno.json'), 'utf8')) as Record<
  string,
  Record<string, { command: string }>
>

describe.each(['tour', 'seed', 'report'])('deno task %s', (script) => {
  const args = tasks?.[script]?.command.split(' deno ')[1]?.split(' ') ?? []

  test('says how it is used', async () => {
    expect(await runDeno(args.concat('--help'))).toContain(`npm run ${script} --`)
  })

  test('may reach the server, and know the password', async () => {
    const asked: string[] = []
    const server = createServer(async (request, answer) => {
      for await (const chunk of request) asked.push(String(chunk))
      answer.end('not Trefoil')
    }).listen(0, '127.0.0.1')
    await vi.waitFor(() => expect(server.listening).toBe(true))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const run = runDeno([...args, '--url', url], { TREFOIL_PASSWORD: 'a password to try' })
    await expect(run).rejects.toThrow('it is not Trefoil that answers')
    server.close()
    server.closeAllConnections()
    expect(asked.join()).toContain('a password to try')
  })
})

test('scripts read no file and run nothing', async () => {
  const attempts = [
    'read=/etc/passwd',
    `read=${root}package.json`,
    `write=${root}package.json.new`,
    'run=ls',
    'env=SECRET',
  ]
  const probe = ['run', '--no-prompt', '-P=scripts', join(root, 'test/deno/probe.ts'), ...attempts]
  const result = JSON.parse(await runDeno(probe, { SECRET: 'x' }))
  expect(Object.values(result)).toEqual(['refused', 'refused', 'refused', 'refused', 'unset'])
})

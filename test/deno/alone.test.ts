import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { serviceNames } from '../../services/catalog.ts'
import { root } from '../architecture/sources.ts'
import { firstAdmin } from '../system/first-admin.ts'
import { freePort } from '../system/free-port.ts'
import { createPeople } from '../system/people.ts'
import { type Place, realPlace } from '../system/place.ts'
import { ask } from '../system/rest.ts'
import { admin } from '../system.ts'
import { startDeno } from './deno.ts'

// Every service as a process of its own, each under its own permissions, on the real parts.
const names = [...serviceNames, 'consumer'] as const
type Name = (typeof names)[number]

interface Running {
  url: string
  child: ChildProcess
  said(): string
}

const running = {} as Record<Name, Running>
let place: Place

beforeAll(async () => {
  place = await realPlace()
  const ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, `${await freePort()}`])))
  const at = (name: Name) => `http://127.0.0.1:${ports[name]}`
  const env = { ...place.env, ADMIN_PASSWORD: admin.password, USERS_URL: at('users'), PROJECTS_URL: at('projects') }
  for (const name of names) running[name] = start(name, at(name), { ...env, PORT: ports[name] ?? '' })
  await Promise.all(names.map((name) => ready(running[name])))
}, 120_000)

afterAll(async () => {
  for (const { child } of Object.values(running)) {
    if (child.exitCode === null && child.pid) process.kill(-child.pid, 'SIGKILL')
  }
  await place?.remove()
})

function start(name: Name, url: string, env: Record<string, string>): Running {
  const child = startDeno(['task', name], env, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk))
  return { url, child, said: () => text }
}

async function ready({ url, child, said }: Running): Promise<void> {
  await vi.waitFor(
    async () => {
      if (child.exitCode !== null) throw new Error(said())
      expect((await fetch(`${url}/readyz`)).status, said()).toBe(200)
    },
    { timeout: 110_000, interval: 250 },
  )
}

describe('services alone, each under its own permissions', () => {
  test('do together what they are for', { timeout: 120_000 }, async () => {
    const { token } = await firstAdmin(place, createPeople(running.users.url, admin))
    const post = (name: Name, path: string, body: object) =>
      ask({ url: running[name].url, token }, 'POST', path, { body, headers: { prefer: 'wait=10' } })
    const project = await post('projects', '/projects', { name: 'Apollo', description: 'To the moon' })
    expect(project).toMatchObject({ status: 201, body: { key: 'APOLLO' } })
    const task = await post('tasks', '/tasks', { projectId: 'APOLLO', title: 'Fuel' })
    expect(task).toMatchObject({ status: 201, body: { code: 'APOLLO-1' } })
    const document = await post('documents', '/mongo/', { key: 'value' })
    expect(document).toMatchObject({ status: 201, body: { data: { key: 'value' } } })
  })

  test.each(names)(
    '%s stops in order when it is told to',
    async (name) => {
      const { child, said } = running[name]
      child.kill('SIGTERM')
      const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
      expect([code, said()]).toEqual([0, expect.stringContaining('"stopped"')])
    },
    60_000,
  )
})

import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Project } from '../services/projects/schema.ts'
import type { Task } from '../services/tasks/schema.ts'
import type { Tokens } from '../services/users/schema.ts'
import { createPeople, type Person, unique } from './system/people.ts'
import type { Place } from './system/place.ts'
import { type Program, startProgram } from './system/program.ts'
import { ask } from './system/rest.ts'
import { admin } from './system.ts'

type EmbeddedPlace = Place & { directory: string }

/** A database that never syncs, beside a log that does. */
export function powerCutSuite(openPlace: () => Promise<EmbeddedPlace>): void {
  let place: EmbeddedPlace
  let program: Program
  let root: Person
  beforeAll(async () => {
    place = await openPlace()
    await start({ DEMO_DATA: 'true' })
    root = await createPeople(program.url, admin).admin()
  }, 120_000)
  afterAll(async () => {
    await program?.end('SIGTERM')
    await place?.remove()
  })

  async function start(env: Record<string, string> = {}): Promise<void> {
    program = await startProgram({ ...place.env, ADMIN_PASSWORD: admin.password, ...env })
    await program.ready()
  }

  /** As if the machine had started anew since, without a clean stop. */
  async function cutPower(): Promise<void> {
    await program.end('SIGKILL')
    const file = join(place.directory, 'trefoil.json')
    const marker = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...marker, boot: 'another boot' }))
  }

  /** The address is another one after each start. */
  const me = async ({ token }: Person) => (await ask({ url: program.url, token }, 'GET', '/users/me')).status
  const refresh = ({ refreshToken }: Person) =>
    ask<Tokens>({ url: program.url }, 'POST', '/token/refresh', { body: { refresh_token: refreshToken } })

  describe('after a power cut', { timeout: 120_000 }, () => {
    const name = unique('Apollo')
    let project: Project
    let task: Task
    let projects: unknown
    let operation: string
    let told: unknown
    let staying: Person
    let left: Person

    beforeAll(async () => {
      project = await root.over('REST').projects.create({ name })
      task = await root.over('REST').tasks.create({ projectId: project.id, title: 'kept' })
      projects = await root.over('REST').projects.list({})
      const accepted = await root.ask('POST', '/tasks', {
        body: { projectId: project.id, title: 'not waited for' },
        headers: { prefer: 'respond-async' },
      })
      operation = accepted.headers.get('location')!
      told = (await root.ask('GET', `${operation}?wait=10`)).body
      expect(told).toMatchObject({ status: 'succeeded' })
      const { login } = createPeople(program.url, admin)
      ;[staying, left] = [await login(admin), await login(admin)]
      expect((await left.ask('POST', '/logout')).status).toBe(204)
      await cutPower()
      await start({ DEMO_DATA: 'true' })
    }, 120_000)

    test('the database is made again from the log, and the old one set aside', () => {
      expect(program.said()).toContain('Making the database again from the log')
      expect(existsSync(join(place.directory, 'sql.set-aside'))).toBe(true)
    })

    test('what was told is there, once, and work goes on', async () => {
      root = await createPeople(program.url, admin).admin() // the password is as it was
      const { tasks, projects: again } = root.over('REST')
      expect(await tasks.byId({ id: task.code })).toEqual(task)
      expect(await again.list({})).toEqual(projects) // the demo data is not put in twice
      expect((await tasks.create({ projectId: project.id, title: 'next' })).number).toBe(task.number + 2)
      expect((await again.create({ name: unique('Later') })).number).toBe(project.number + 1)
    })

    test('an operation is still found by the id that was answered, and has ended as it was told', async () => {
      expect((await root.ask('GET', operation)).body).toEqual(told)
    })

    test('who was logged in still is; who had left does not come back', async () => {
      expect(await me(staying)).toBe(200)
      await expect.poll(() => me(left)).toBe(401)
      expect((await refresh(left)).status).toBe(401)
      const { status, body } = await refresh(staying)
      expect([status, await me({ ...staying, token: body.access_token })]).toEqual([200, 200])
    })

    test('it is not made again at the next start', async () => {
      await program.end('SIGTERM')
      await start()
      expect(program.said()).not.toContain('Making the database again')
    })
  })
}

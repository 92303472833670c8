import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Project } from '../services/projects/schema.ts'
import type { Task } from '../services/tasks/schema.ts'
import type { User } from '../services/users/schema.ts'
import type { Person } from './system/people.ts'
import type { StartSystem, System } from './system.ts'

/** The one thing that they did not send: a busy machine may take longer than the two seconds that a change waits unasked. */
const headers = { prefer: 'wait=10' }

/** The calls of the system that this one replaces, as its users wrote them, with a token; in this order, on a fresh start. */
export function examplesSuite(start: StartSystem): void {
  describe('the examples of old', () => {
    let system: System
    let user: Person
    beforeAll(async () => {
      system = await start()
      user = await system.people.admin()
    })
    afterAll(() => system?.stop())

    test('POST /users/', async () => {
      const body = { username: 'testuser', email: 'test@example.com' }
      const made = await user.ask<User>('POST', '/users/', { body, headers })
      expect(made).toMatchObject({ status: 201, body })
      expect(made.headers.get('location')).toBe(`/users/${made.body.id}`)
    })

    test('GET /users/', async () => {
      const { status, body } = await user.ask('GET', '/users/')
      expect(status).toBe(200)
      expect(body).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ username: 'testuser' })]) })
    })

    test('GET /users/testuser', async () => {
      const found = await user.ask('GET', '/users/testuser')
      expect(found).toMatchObject({ status: 200, body: { username: 'testuser', email: 'test@example.com' } })
    })

    test('POST /projects/', async () => {
      const body = { name: 'Test Project', description: 'A test project' }
      const made = await user.ask<Project>('POST', '/projects/', { body, headers })
      expect(made).toMatchObject({ status: 201, body: { ...body, key: 'TP' } })
    })

    test('GET /projects/', async () => {
      const { status, body } = await user.ask('GET', '/projects/')
      expect(status).toBe(200)
      expect(body).toMatchObject({
        items: expect.arrayContaining([expect.objectContaining({ name: 'Test Project' })]),
        nextCursor: null,
      })
    })

    test.each(['Test%20Project', 'Test Project', 'test project', 'TP'])('GET /projects/%s', async (name) => {
      const found = await user.ask('GET', `/projects/${name}`)
      expect(found).toMatchObject({ status: 200, body: { name: 'Test Project' } })
    })

    test('POST /tasks/ with project_id 1', async () => {
      const body = { project_id: 1, title: 'Test Task', description: 'A test task' }
      const made = await user.ask<Task>('POST', '/tasks/', { body, headers })
      expect(made).toMatchObject({ status: 201, body: { title: 'Test Task', description: 'A test task', version: 1 } })
      const { body: project } = await user.ask<Project>('GET', '/projects/1')
      expect(made.body).toMatchObject({ projectId: project.id, code: expect.stringMatching(`^${project.key}-\\d+$`) })
    })

    test('GET /tasks/?project_id=1', async () => {
      const { status, body } = await user.ask('GET', '/tasks/?project_id=1')
      expect(status).toBe(200)
      expect(body).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ title: 'Test Task' })]) })
    })

    test('POST /mongo/', async () => {
      const made = await user.ask('POST', '/mongo/', { body: { key: 'value' }, headers })
      expect(made).toMatchObject({ status: 201, body: { version: 1, ownerId: user.id, data: { key: 'value' } } })
    })

    test('GET /mongo/', async () => {
      const { status, body } = await user.ask('GET', '/mongo/')
      expect(status).toBe(200)
      expect(body).toMatchObject({ items: [{ data: { key: 'value' } }], nextCursor: null })
    })

    test('Swagger UI at /docs, without a token and from this server alone', async () => {
      const page = await system.people.stranger.ask<string>('GET', '/docs')
      expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
      const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source!)
      expect(sources.length).toBeGreaterThan(0)
      for (const source of sources) {
        const { origin, pathname } = new URL(source, `${system.url}/docs`)
        expect(origin).toBe(system.url)
        expect((await system.people.stranger.ask('GET', pathname)).status).toBe(200)
      }
    })

    test('none of them without a token', async () => {
      for (const path of ['/users/', '/projects/', '/tasks/?project_id=1', '/mongo/']) {
        const refused = await system.people.stranger.ask('GET', path)
        expect(refused).toMatchObject({ status: 401, body: { code: 'auth.missing' } })
      }
    })
  })
}

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { formatToken } from '../platform/commands/watermarks/token.ts'
import { PARTITIONS } from '../platform/log/port.ts'
import type { Project } from '../services/projects/schema.ts'
import type { Task } from '../services/tasks/schema.ts'
import { faces } from './system/client.ts'
import { type Person, unique } from './system/people.ts'
import type { Answer } from './system/rest.ts'
import type { StartSystem, System } from './system.ts'

interface Receipt {
  status: 'accepted'
  operation: string
  id: string
  token: string
}

/** What a change may be sent with, and what it answers. */
export function writePathSuite(start: StartSystem): void {
  let system: System
  let ann: Person
  let bob: Person
  let project: Project
  beforeAll(async () => {
    system = await start()
    ann = await system.people.join('ann')
    bob = await system.people.join('bob')
    project = await ann.over('REST').projects.create({ name: unique('write path') })
  })
  afterAll(() => system?.stop())

  const newTask = (title = 'A task') => ann.over('REST').tasks.create({ projectId: project.id, title })
  const withKey = (key: string) => ({ headers: { 'idempotency-key': key, prefer: 'wait=10' } })

  describe.each(faces)('an Idempotency-Key over %s', (face) => {
    test('makes a repeat the same as the first, whatever has become of it since', async () => {
      const headers = { 'idempotency-key': unique('key') }
      const { tasks } = ann.over(face)
      const input = { projectId: project.id, title: 'Once' }
      const first = await tasks.create(input, headers)
      expect(await tasks.create(input, headers)).toEqual(first)
      await tasks.remove({ id: first.id })
      expect(await tasks.create(input, headers)).toEqual(first)
      await expect(tasks.byId({ id: first.id })).rejects.toMatchObject({ code: 'task.not_found' })
    })

    test('makes a repeat of a success a success that a check would refuse now', async () => {
      const headers = { 'idempotency-key': unique('key') }
      const { projects } = ann.over(face)
      const name = unique('retried')
      const first = await projects.create({ name }, headers)
      expect(await projects.create({ name }, headers)).toEqual(first)
      const remove = { 'idempotency-key': unique('key') }
      await projects.remove({ id: first.id }, remove)
      await projects.remove({ id: first.id }, remove)
    })

    test('is refused with another input', async () => {
      const headers = { 'idempotency-key': unique('key') }
      const { projects } = ann.over(face)
      await projects.create({ name: unique('one') }, headers)
      await expect(projects.create({ name: unique('other') }, headers)).rejects.toMatchObject({
        status: 422,
        code: 'idempotency.reused',
      })
    })

    test('makes one of two that are sent at once', async () => {
      const headers = { 'idempotency-key': unique('key') }
      const input = { name: unique('twice') }
      const { projects } = ann.over(face)
      const made = await Promise.all([1, 2, 3, 4].map(() => projects.create(input, headers)))
      expect(new Set(made.map(({ id }) => id)).size).toBe(1)
      expect((await projects.list({ q: input.name })).items).toHaveLength(1)
    })

    test('is its user’s own, and its procedure’s', async () => {
      const headers = { 'idempotency-key': face }
      const one = await ann.over(face).projects.create({ name: unique('hers') }, headers)
      const other = await bob.over(face).projects.create({ name: unique('his') }, headers)
      const task = await ann.over(face).tasks.create({ projectId: project.id, title: 'Another' }, headers)
      expect(new Set([one.id, other.id, task.id]).size).toBe(3)
    })

    test('of a registration needs the password that it was sent with', async () => {
      const headers = { 'idempotency-key': unique('key') }
      const username = unique('eve')
      const input = { username, email: `${username}@example.com`, password: 'a quite good passphrase' }
      const { users } = system.people.stranger.over(face)
      const { id } = await users.register(input, headers)
      expect(await users.register(input, headers)).toMatchObject({ id })
      await expect(users.register({ ...input, password: 'a passphrase by guess' }, headers)).rejects.toMatchObject({
        status: 422,
        code: 'idempotency.reused',
      })
    })
  })

  test('a key means the same on both faces', async () => {
    const headers = { 'idempotency-key': unique('key') }
    const input = { name: unique('both faces') }
    const first = await ann.over('REST').projects.create(input, headers)
    expect(await ann.over('tRPC').projects.create(input, headers)).toEqual(first)
  })

  test('a repeat of a rejection is the same rejection, also when nothing speaks against it any more', async () => {
    // Both pass the check before the log, so that it is the log's order that refuses one: at the first try or at a later one.
    const [won, lost] = await vi.waitFor(
      async () => {
        const body = { name: unique('race') }
        const headers = [1, 2].map(() => ({ 'idempotency-key': unique('key'), prefer: 'respond-async' }))
        const sent = headers.map((own) => ann.ask<Receipt>('POST', '/projects', { body, headers: own }))
        const outcomes = (await Promise.all(sent)).map(async (answer, nth) => {
          expect(answer.status).toBe(202)
          return { body, key: headers[nth]!['idempotency-key'], id: answer.body.id, ...(await outcomeOf(answer)) }
        })
        const [winner, loser] = (await Promise.all(outcomes)).toSorted((a, b) => b.status.localeCompare(a.status))
        return [winner!, loser!]
      },
      { timeout: 15_000 },
    )
    expect([won.status, lost]).toMatchObject([
      'succeeded',
      { status: 'rejected', error: { code: 'project.name_taken' } },
    ])
    await ann.ask('DELETE', `/projects/${won.id}`)
    const again = await ann.ask('POST', '/projects', { body: lost.body, ...withKey(lost.key) })
    expect(again).toMatchObject({ status: 409, body: { code: 'project.name_taken' } })
  })

  async function outcomeOf({ headers }: Answer): Promise<{ status: string; error?: { code: string } }> {
    const { body } = await ann.ask<{ status: string }>('GET', `${headers.get('location')}?wait=10`)
    return body
  }

  describe('versions', () => {
    const patch = (id: string, body: object, version?: string) =>
      ann.ask<Task>('PATCH', `/tasks/${id}`, { body, headers: version === undefined ? {} : { 'if-match': version } })

    test('an answer has an ETag; who knows it is told so with 304', async () => {
      const { id } = await newTask()
      const first = await ann.ask('GET', `/tasks/${id}`)
      expect(first.headers.get('etag')).toBe('"1"')
      const known = await ann.ask('GET', `/tasks/${id}`, { headers: { 'if-none-match': 'W/"0", "1"' } })
      expect(known).toMatchObject({ status: 304, body: undefined })
      const changed = await patch(id, { title: 'Changed' })
      expect(changed.headers.get('etag')).toBe('"2"')
      const stale = await ann.ask('GET', `/tasks/${id}`, { headers: { 'if-none-match': '"1"' } })
      expect(stale).toMatchObject({ status: 200, body: { title: 'Changed', version: 2 } })
    })

    test('If-Match refuses a change of another version', async () => {
      const { id } = await newTask()
      expect(await patch(id, { title: 'Two' }, '"1"')).toMatchObject({ status: 200, body: { version: 2 } })
      expect(await patch(id, { title: 'Three' }, '"1"')).toMatchObject({
        status: 412,
        body: { code: 'version.mismatch' },
      })
      expect(await patch(id, { title: 'Three' }, '*')).toMatchObject({ status: 200, body: { version: 3 } })
      const removed = await ann.ask('DELETE', `/tasks/${id}`, { headers: { 'if-match': '"3"' } })
      expect(removed.status).toBe(204)
    })

    test.each(['3', 'W/"3"', '"3", "4"', '"x"', '""'])('If-Match: %s is no ETag of ours', async (version) => {
      const { id } = await newTask()
      expect(await patch(id, { title: 'x' }, version)).toMatchObject({ status: 400, body: { code: 'version.invalid' } })
    })

    test('of two changes of one version that race, one wins', async () => {
      const { id } = await newTask()
      const statuses = await Promise.all(
        ['a', 'b', 'c'].map(async (title) => (await patch(id, { title }, '"1"')).status),
      )
      expect(statuses.toSorted()).toEqual([200, 412, 412])
      expect((await ann.ask<Task>('GET', `/tasks/${id}`)).body.version).toBe(2)
    })

    test('changes of different fields that race all survive', async () => {
      const { id } = await newTask()
      const fields = { title: 'New', description: 'Longer', priority: 'high', dueDate: '2030-01-01', labels: ['x'] }
      const changes = Object.entries(fields).map(([field, value]) => patch(id, { [field]: value }))
      expect((await Promise.all(changes)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
      expect((await ann.ask('GET', `/tasks/${id}`)).body).toMatchObject({ ...fields, version: 6 })
    })
  })

  describe('receipts', () => {
    const sendAsync = (prefer = 'respond-async', body: object = { projectId: project.id, title: 'Later' }) =>
      ann.ask<Receipt>('POST', '/tasks', { body, headers: { prefer } })

    test('who does not wait gets one, and looks the outcome up', async () => {
      const answer = await sendAsync()
      expect(answer).toMatchObject({ status: 202, body: { status: 'accepted', token: expect.any(String) } })
      expect(answer.headers.get('location')).toBe(`/operations/${answer.body.operation}`)
      expect(answer.headers.get('consistency-token')).toBe(answer.body.token)
      const outcome = await outcomeOf(answer)
      const { body: task } = await ann.ask('GET', `/tasks/${answer.body.id}`)
      expect(outcome).toEqual({
        status: 'succeeded',
        type: 'task.create',
        entity: answer.body.id,
        version: 1,
        value: task,
      })
      expect((await ann.ask('GET', `/operations/${answer.body.operation}`)).body).toEqual(outcome)
    })

    test('who waits for no time gets one too', async () => {
      expect(await sendAsync('wait=0')).toMatchObject({ status: 202, body: { status: 'accepted' } })
      expect(await sendAsync('respond-async, wait=10')).toMatchObject({ status: 201, body: { title: 'Later' } })
      expect(await sendAsync('handling=lenient; wait=10')).toMatchObject({ status: 201 })
      expect(await sendAsync('wait=soon')).toMatchObject({ status: 400, body: { code: 'input.malformed' } })
    })

    test('over tRPC they are the same', async () => {
      const context = { headers: { prefer: 'respond-async' } }
      const answer = await ann.trpc.tasks.create.mutate({ projectId: project.id, title: 'Later' }, { context })
      if (!('operation' in answer)) throw new Error('it is no receipt')
      expect(answer).toMatchObject({ status: 'accepted' })
      const outcome = await ann.trpc.operations.byId.query({ id: answer.operation, wait: 10 })
      expect(outcome).toMatchObject({ status: 'succeeded', entity: answer.id, value: { title: 'Later' } })
      expect(await ann.over('REST').operations.byId({ id: answer.operation })).toEqual(outcome)
    })

    test('of a removal says that nothing is left', async () => {
      const { id } = await newTask()
      const removed = await ann.ask<Receipt>('DELETE', `/tasks/${id}`, { headers: { prefer: 'respond-async' } })
      expect(removed.status).toBe(202)
      expect(await outcomeOf(removed)).toMatchObject({ status: 'succeeded', version: 2, value: null })
    })

    test('an operation is there for whoever asked for it alone, and cannot be made up', async () => {
      const { body } = await sendAsync()
      const missing = { status: 404, body: { code: 'operation.not_found' } }
      expect(await bob.ask('GET', `/operations/${body.operation}`)).toMatchObject(missing)
      const admin = await system.people.admin()
      expect(await admin.ask('GET', `/operations/${body.operation}`)).toMatchObject(missing)
      const other = body.operation.endsWith('A') ? 'B' : 'A'
      expect(await ann.ask('GET', `/operations/${body.operation.slice(0, -1)}${other}`)).toMatchObject(missing)
      expect(await ann.ask('GET', '/operations/nonsense')).toMatchObject(missing)
      await expect(bob.over('tRPC').operations.byId({ id: body.operation })).rejects.toMatchObject({
        code: 'operation.not_found',
      })
    })

    test('a look-up waits at most ten seconds', async () => {
      const { body } = await sendAsync()
      for (const wait of ['11', '-1', 'x']) {
        const refused = await ann.ask('GET', `/operations/${body.operation}?wait=${wait}`)
        expect(refused).toMatchObject({ status: 400, body: { code: 'input.invalid' } })
      }
    })
  })

  describe('consistency tokens', () => {
    const far = formatToken(new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, 1_000_000])))

    test('cover a change: who shows one sees it', async () => {
      const accepted = await ann.ask<Receipt>('POST', '/tasks', {
        body: { projectId: project.id, title: 'Seen' },
        headers: { prefer: 'respond-async' },
      })
      const headers = { 'consistency-token': accepted.headers.get('consistency-token')! }
      const seen = await ann.ask('GET', `/tasks/${accepted.body.id}`, { headers })
      expect(seen).toMatchObject({ status: 200, body: { title: 'Seen' } })
      const changed = await ann.ask('PATCH', `/tasks/${accepted.body.id}`, { headers, body: { title: 'Changed' } })
      expect(changed).toMatchObject({ status: 200, body: { title: 'Changed' } })
    })

    test('are on every answer to a change, and several are taken as one', async () => {
      const tokens = await Promise.all(
        ['a', 'b'].map(async (title) => {
          const { headers } = await ann.ask('POST', '/tasks', { body: { projectId: project.id, title } })
          return headers.get('consistency-token')!
        }),
      )
      const headers = { 'consistency-token': tokens.join(', ') }
      expect((await ann.ask('GET', `/tasks?projectId=${project.id}`, { headers })).status).toBe(200)
    })

    test('that cannot be honoured in time are 503, for reads and changes alike', async () => {
      const headers = { 'consistency-token': far }
      const calls = [
        ann.ask('GET', `/projects/${project.id}`, { headers }),
        ann.ask('GET', `/tasks?project_id=${project.key}`, { headers }),
        ann.ask('POST', '/projects', { headers, body: { name: unique('never') } }),
      ]
      for (const answer of await Promise.all(calls)) {
        expect(answer).toMatchObject({ status: 503, body: { code: 'token.behind' } })
        expect(answer.headers.get('retry-after')).toBe('1')
      }
      await expect(ann.over('tRPC').projects.list({}, headers)).rejects.toMatchObject({
        status: 503,
        code: 'token.behind',
      })
    })

    test.each(['nonsense', 'AA', `${far}x`, '%00'])('%s is none', async (token) => {
      const refused = { status: 400, code: 'token.invalid' }
      const headers = { 'consistency-token': token }
      expect(await ann.ask('GET', '/projects', { headers })).toMatchObject({
        status: 400,
        body: { code: refused.code },
      })
      await expect(ann.over('tRPC').projects.list({}, headers)).rejects.toMatchObject(refused)
    })
  })
}

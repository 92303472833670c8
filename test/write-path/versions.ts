import { describe, expect, test } from 'vitest'
import type { Project } from '../../services/projects/schema.ts'
import type { Task } from '../../services/tasks/schema.ts'
import { unique } from '../system/people.ts'
import type { Bench } from './bench.ts'

/** A busy machine may take longer than the two seconds that a change waits unasked. */
const patient = { prefer: 'wait=10' }

export function versionsSuite(bench: Bench): void {
  describe('versions', () => {
    const etag = (version: number, id: string) => `"${version}-${id.slice(-12)}"`
    const patch = (id: string, body: object, version?: string) =>
      bench.ann.ask<Task>('PATCH', `/tasks/${id}`, {
        body,
        headers: { ...patient, ...(version !== undefined && { 'if-match': version }) },
      })

    test('an answer has an ETag; who knows it is told so with 304', async () => {
      const { id } = await bench.newTask()
      const first = await bench.ann.ask('GET', `/tasks/${id}`)
      expect(first.headers.get('etag')).toBe(etag(1, id))
      const known = await bench.ann.ask('GET', `/tasks/${id}`, {
        headers: { 'if-none-match': `W/"0", ${etag(1, id)}` },
      })
      expect(known).toMatchObject({ status: 304, body: undefined })
      const changed = await patch(id, { title: 'Changed' })
      expect(changed.headers.get('etag')).toBe(etag(2, id))
      const stale = await bench.ann.ask('GET', `/tasks/${id}`, { headers: { 'if-none-match': etag(1, id) } })
      expect(stale).toMatchObject({ status: 200, body: { title: 'Changed', version: 2 } })
    })

    test('an ETag is that of one entity, whatever its name leads to later', async () => {
      const name = unique('Named')
      const make = () => bench.ann.ask<Project>('POST', '/projects', { body: { name }, headers: patient })
      const before = await make()
      await bench.ann.over('REST').projects.update({ id: before.body.id, name: unique('Renamed') })
      const { id } = (await make()).body
      const path = `/projects/${encodeURIComponent(name)}`
      const etag = before.headers.get('etag')!
      expect(await bench.ann.ask('GET', path, { headers: { 'if-none-match': etag } })).toMatchObject({ status: 200 })

      const change = (match: string) =>
        bench.ann.ask('PATCH', path, { body: { description: match }, headers: { ...patient, 'if-match': match } })
      expect(await change(etag)).toMatchObject({ status: 412, body: { code: 'version.mismatch' } })
      expect(await bench.ann.ask('GET', path)).toMatchObject({ body: { id, version: 1, description: '' } })
      expect(await change('"1"')).toMatchObject({ status: 200, body: { id, version: 2 } })
    })

    test('If-Match refuses a change of another version', async () => {
      const { id } = await bench.newTask()
      expect(await patch(id, { title: 'Two' }, '"1"')).toMatchObject({ status: 200, body: { version: 2 } })
      expect(await patch(id, { title: 'Three' }, '"1"')).toMatchObject({
        status: 412,
        body: { code: 'version.mismatch' },
      })
      expect(await patch(id, { title: 'Three' }, '*')).toMatchObject({ status: 200, body: { version: 3 } })
      const removed = await bench.ann.ask('DELETE', `/tasks/${id}`, {
        headers: { ...patient, 'if-match': etag(3, id) },
      })
      expect(removed.status).toBe(204)
    })

    test('If-Match takes a list, and compares nothing with what is weak or not of ours', async () => {
      const { id } = await bench.newTask()
      expect(await patch(id, { title: 'Two' }, `"7", ${etag(1, id)}`)).toMatchObject({
        status: 200,
        body: { version: 2 },
      })
      for (const other of ['W/"2"', `W/${etag(2, id)}`, '"x"', '""', '"1", "3"'])
        expect(await patch(id, { title: 'x' }, other)).toMatchObject({
          status: 412,
          body: { code: 'version.mismatch' },
        })
    })

    test('If-None-Match: * refuses a change of what is there', async () => {
      const { id } = await bench.newTask()
      const headers = { ...patient, 'if-none-match': '*' }
      for (const [method, body] of [
        ['PATCH', { title: 'x' }],
        ['DELETE', undefined],
      ] as const) {
        const refused = await bench.ann.ask(method, `/tasks/${id}`, { body, headers })
        expect(refused).toMatchObject({ status: 412, body: { code: 'version.mismatch' } })
      }
      expect((await bench.ann.ask<Task>('GET', `/tasks/${id}`)).body.version).toBe(1)
      const made = await bench.ann.ask('POST', '/projects', { body: { name: unique('new') }, headers })
      expect(made.status).toBe(201)
    })

    test.each(['3', '"3', '*, "3"', ''])('If-Match: %s is no ETag', async (version) => {
      const { id } = await bench.newTask()
      expect(await patch(id, { title: 'x' }, version)).toMatchObject({ status: 400, body: { code: 'version.invalid' } })
    })

    test('of two changes of one version that race, one wins', async () => {
      const { id } = await bench.newTask()
      const statuses = await Promise.all(
        ['a', 'b', 'c'].map(async (title) => (await patch(id, { title }, '"1"')).status),
      )
      expect(statuses.toSorted()).toEqual([200, 412, 412])
      expect((await bench.ann.ask<Task>('GET', `/tasks/${id}`)).body.version).toBe(2)
    })

    test('changes of different fields that race all survive', async () => {
      const { id } = await bench.newTask()
      const fields = { title: 'New', description: 'Longer', priority: 'high', dueDate: '2030-01-01', labels: ['x'] }
      const changes = Object.entries(fields).map(([field, value]) => patch(id, { [field]: value }))
      expect((await Promise.all(changes)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
      expect((await bench.ann.ask('GET', `/tasks/${id}`)).body).toMatchObject({ ...fields, version: 6 })
    })
  })
}

import { describe, expect, test } from 'vitest'
import type { Bench, Receipt } from './bench.ts'

export function receiptsSuite(bench: Bench): void {
  describe('receipts', () => {
    const sendAsync = (prefer = 'respond-async', body: object = { projectId: bench.project.id, title: 'Later' }) =>
      bench.ann.ask<Receipt>('POST', '/tasks', { body, headers: { prefer } })

    test('who does not wait gets one, and looks the outcome up', async () => {
      const answer = await sendAsync()
      expect(answer).toMatchObject({ status: 202, body: { status: 'accepted', token: expect.any(String) } })
      expect(answer.headers.get('location')).toBe(`/operations/${answer.body.operation}`)
      expect(answer.headers.get('consistency-token')).toBe(answer.body.token)
      const outcome = await bench.outcomeOf(answer)
      const { body: task } = await bench.ann.ask('GET', `/tasks/${answer.body.id}`)
      expect(outcome).toEqual({
        status: 'succeeded',
        type: 'task.create',
        entity: answer.body.id,
        version: 1,
        value: task,
      })
      expect((await bench.ann.ask('GET', `/operations/${answer.body.operation}`)).body).toEqual(outcome)
    })

    test('who waits for no time gets one too', async () => {
      expect(await sendAsync('wait=0')).toMatchObject({ status: 202, body: { status: 'accepted' } })
      expect(await sendAsync('respond-async, wait=10')).toMatchObject({ status: 201, body: { title: 'Later' } })
      expect(await sendAsync('handling=lenient; wait=10')).toMatchObject({ status: 201 })
    })

    test('a time that is none is passed over', async () => {
      for (const time of ['soon', '-1', '1.5', '']) {
        expect(await sendAsync(`respond-async, wait=${time}`)).toMatchObject({
          status: 202,
          body: { status: 'accepted' },
        })
      }
    })

    test('over tRPC they are the same', async () => {
      const context = { headers: { prefer: 'respond-async' } }
      const answer = await bench.ann.trpc.tasks.create.mutate(
        { projectId: bench.project.id, title: 'Later' },
        { context },
      )
      if (!('operation' in answer)) throw new Error('it is no receipt')
      expect(answer).toMatchObject({ status: 'accepted' })
      const outcome = await bench.ann.trpc.operations.byId.query({ id: answer.operation, wait: 10 })
      expect(outcome).toMatchObject({ status: 'succeeded', entity: answer.id, value: { title: 'Later' } })
      expect(await bench.ann.over('REST').operations.byId({ id: answer.operation })).toEqual(outcome)
    })

    test('of a removal says that nothing is left', async () => {
      const { id } = await bench.newTask()
      const removed = await bench.ann.ask<Receipt>('DELETE', `/tasks/${id}`, { headers: { prefer: 'respond-async' } })
      expect(removed.status).toBe(202)
      expect(await bench.outcomeOf(removed)).toMatchObject({ status: 'succeeded', version: 2, value: null })
    })

    test('an operation is there for whoever asked for it alone, and cannot be made up', async () => {
      const { body } = await sendAsync()
      const missing = { status: 404, body: { code: 'operation.not_found' } }
      expect(await bench.bob.ask('GET', `/operations/${body.operation}`)).toMatchObject(missing)
      const admin = await bench.people.admin()
      expect(await admin.ask('GET', `/operations/${body.operation}`)).toMatchObject(missing)
      const other = body.operation.endsWith('A') ? 'B' : 'A'
      expect(await bench.ann.ask('GET', `/operations/${body.operation.slice(0, -1)}${other}`)).toMatchObject(missing)
      expect(await bench.ann.ask('GET', '/operations/nonsense')).toMatchObject(missing)
      await expect(bench.bob.over('tRPC').operations.byId({ id: body.operation })).rejects.toMatchObject({
        code: 'operation.not_found',
      })
    })

    test('a look-up waits at most ten seconds', async () => {
      const { body } = await sendAsync()
      for (const wait of ['11', '-1', 'x']) {
        const refused = await bench.ann.ask('GET', `/operations/${body.operation}?wait=${wait}`)
        expect(refused).toMatchObject({ status: 400, body: { code: 'input.invalid' } })
      }
    })
  })
}

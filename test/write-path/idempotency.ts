import { describe, expect, test, vi } from 'vitest'
import { faces } from '../system/client.ts'
import { unique } from '../system/people.ts'
import type { Bench, Receipt } from './bench.ts'

export function idempotencySuite(bench: Bench): void {
  describe.each(faces)('an Idempotency-Key over %s', (face) => {
    test('makes a repeat the same as the first, whatever has become of it since', async () => {
      const headers = { 'idempotency-key': unique('key') }
      const { tasks } = bench.ann.over(face)
      const input = { projectId: bench.project.id, title: 'Once' }
      const first = await tasks.create(input, headers)
      expect(await tasks.create(input, headers)).toEqual(first)
      await tasks.remove({ id: first.id })
      expect(await tasks.create(input, headers)).toEqual(first)
      await expect(tasks.byId({ id: first.id })).rejects.toMatchObject({ code: 'task.not_found' })
    })

    test('makes a repeat of a success a success that a check would refuse now', async () => {
      const headers = { 'idempotency-key': unique('key') }
      const { projects } = bench.ann.over(face)
      const name = unique('retried')
      const first = await projects.create({ name }, headers)
      expect(await projects.create({ name }, headers)).toEqual(first)
      const remove = { 'idempotency-key': unique('key') }
      await projects.remove({ id: first.id }, remove)
      await projects.remove({ id: first.id }, remove)
    })

    test('is refused with another input', async () => {
      const headers = { 'idempotency-key': unique('key') }
      const { projects } = bench.ann.over(face)
      await projects.create({ name: unique('one') }, headers)
      await expect(projects.create({ name: unique('other') }, headers)).rejects.toMatchObject({
        status: 422,
        code: 'idempotency.reused',
      })
    })

    test('makes one of two that are sent at once', async () => {
      const headers = { 'idempotency-key': unique('key') }
      const input = { name: unique('twice') }
      const { projects } = bench.ann.over(face)
      const made = await Promise.all([1, 2, 3, 4].map(() => projects.create(input, headers)))
      expect(new Set(made.map(({ id }) => id)).size).toBe(1)
      expect((await projects.list({ q: input.name })).items).toHaveLength(1)
    })

    test('is its user’s own, and its procedure’s', async () => {
      const headers = { 'idempotency-key': face }
      const one = await bench.ann.over(face).projects.create({ name: unique('hers') }, headers)
      const other = await bench.bob.over(face).projects.create({ name: unique('his') }, headers)
      const task = await bench.ann.over(face).tasks.create({ projectId: bench.project.id, title: 'Another' }, headers)
      expect(new Set([one.id, other.id, task.id]).size).toBe(3)
    })

    test('of a registration needs the password that it was sent with', async () => {
      const headers = { 'idempotency-key': unique('key') }
      const username = unique('eve')
      const input = { username, email: `${username}@example.com`, password: 'a quite good passphrase' }
      const { users } = bench.people.stranger.over(face)
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
    const first = await bench.ann.over('REST').projects.create(input, headers)
    expect(await bench.ann.over('tRPC').projects.create(input, headers)).toEqual(first)
  })

  test('a repeat of a rejection is the same rejection, also when nothing speaks against it any more', async () => {
    // Both pass the check before the log, so that it is the log's order that refuses one: at the first try or at a later one.
    const [won, lost] = await vi.waitFor(
      async () => {
        const body = { name: unique('race') }
        const headers = [1, 2].map(() => ({ 'idempotency-key': unique('key'), prefer: 'respond-async' }))
        const sent = headers.map((own) => bench.ann.ask<Receipt>('POST', '/projects', { body, headers: own }))
        const outcomes = (await Promise.all(sent)).map(async (answer, nth) => {
          expect(answer.status).toBe(202)
          return { body, key: headers[nth]!['idempotency-key'], id: answer.body.id, ...(await bench.outcomeOf(answer)) }
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
    await bench.ann.ask('DELETE', `/projects/${won.id}`)
    const headers = { 'idempotency-key': lost.key, prefer: 'wait=10' }
    const again = await bench.ann.ask('POST', '/projects', { body: lost.body, headers })
    expect(again).toMatchObject({ status: 409, body: { code: 'project.name_taken' } })
  })
}

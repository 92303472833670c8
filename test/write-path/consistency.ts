import { describe, expect, test, vi } from 'vitest'
import { formatToken } from '../../platform/commands/watermarks/token.ts'
import { PARTITIONS } from '../../platform/log/port.ts'
import { unique } from '../system/people.ts'
import type { Bench, Receipt } from './bench.ts'

export function consistencySuite(bench: Bench): void {
  describe('consistency tokens', () => {
    const far = formatToken(new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, 1_000_000])))

    test('cover a change: who shows one sees it', async () => {
      const accepted = await bench.ann.ask<Receipt>('POST', '/tasks', {
        body: { projectId: bench.project.id, title: 'Seen' },
        headers: { prefer: 'respond-async' },
      })
      const headers = { 'consistency-token': accepted.headers.get('consistency-token')! }
      const read = () => bench.ann.ask('GET', `/tasks/${accepted.body.id}`, { headers })
      const seen = await vi.waitFor(async () => {
        const answer = await read()
        expect(answer.body).not.toMatchObject({ code: 'token.behind' }) // to be asked again, in its own words
        return answer
      })
      expect(seen).toMatchObject({ status: 200, body: { title: 'Seen' } })
      const changed = await bench.ann.ask('PATCH', `/tasks/${accepted.body.id}`, {
        headers: { ...headers, prefer: 'wait=10' },
        body: { title: 'Changed' },
      })
      expect(changed).toMatchObject({ status: 200, body: { title: 'Changed' } })
    })

    test('are on every answer to a change, and several are taken as one', async () => {
      const tokens = await Promise.all(
        ['a', 'b'].map(async (title) => {
          const { status, headers } = await bench.ann.ask('POST', '/tasks', {
            body: { projectId: bench.project.id, title },
            headers: { prefer: 'wait=10' },
          })
          expect(status).toBe(201)
          return headers.get('consistency-token')!
        }),
      )
      const headers = { 'consistency-token': tokens.join(', ') }
      expect((await bench.ann.ask('GET', `/tasks?projectId=${bench.project.id}`, { headers })).status).toBe(200)
    })

    test('that cannot be honoured in time are 503, for reads and changes alike', async () => {
      const headers = { 'consistency-token': far }
      const calls = [
        bench.ann.ask('GET', `/projects/${bench.project.id}`, { headers }),
        bench.ann.ask('GET', `/tasks?project_id=${bench.project.key}`, { headers }),
        bench.ann.ask('POST', '/projects', { headers, body: { name: unique('never') } }),
      ]
      for (const answer of await Promise.all(calls)) {
        expect(answer).toMatchObject({ status: 503, body: { code: 'token.behind' } })
        expect(answer.headers.get('retry-after')).toBe('1')
      }
      await expect(bench.ann.over('tRPC').projects.list({}, headers)).rejects.toMatchObject({
        status: 503,
        code: 'token.behind',
      })
    })

    test.each(['nonsense', 'AA', `${far}x`, '%00'])('%s is none', async (token) => {
      const refused = { status: 400, code: 'token.invalid' }
      const headers = { 'consistency-token': token }
      expect(await bench.ann.ask('GET', '/projects', { headers })).toMatchObject({
        status: 400,
        body: { code: refused.code },
      })
      await expect(bench.ann.over('tRPC').projects.list({}, headers)).rejects.toMatchObject(refused)
    })
  })
}

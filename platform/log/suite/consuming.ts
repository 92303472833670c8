import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { type Consumption, PARTITIONS } from '../port.ts'
import { type Bench, endOf, rising, some, values, WAIT } from './bench.ts'
import { recorder } from './recorder.ts'

export function consumingContract(bench: Bench): void {
  async function joined<T>(group: string, member: ReturnType<typeof recorder>, work: (c: Consumption) => Promise<T>) {
    const consumption = await bench.log.consume('commands', group, member.consumer)
    try {
      return await work(consumption)
    } finally {
      await consumption.close()
    }
  }

  describe('consume', () => {
    test('assigns every partition, and delivers each from the offset that `assigned` names', async () => {
      const from = await endOf(bench, 4)
      const written = some(4, 30)
      await bench.log.append('commands', written)
      const member = recorder(bench.log, { 4: from + 10 })
      await joined(randomUUID(), member, async () => {
        await vi.waitFor(() => expect(member.assigned.toSorted((a, b) => a - b)).toEqual(rising(0, PARTITIONS)), WAIT)
        await vi.waitFor(() => expect(values(member.of(4))).toEqual(values(written).slice(10)), WAIT)
        expect(member.of(4).map(({ offset }) => offset)).toEqual(rising(from + 10, 20))
      })
    })

    test('delivers what is appended meanwhile, in order, never two batches of one partition at once', async () => {
      const member = recorder(bench.log)
      await joined(randomUUID(), member, async () => {
        await vi.waitFor(() => expect(member.assigned).toHaveLength(PARTITIONS), WAIT)
        const written = rising(0, 40).map((round) => rising(0, PARTITIONS).flatMap((p) => some(p, 5, `round ${round}`)))
        const from = (await bench.log.describe('commands')).ends
        await Promise.all(written.map((records) => bench.log.append('commands', records)))
        for (let partition = 0; partition < PARTITIONS; partition++) {
          await vi.waitFor(() => expect(member.of(partition)).toHaveLength(200), WAIT)
          expect(member.of(partition).map(({ offset }) => offset)).toEqual(rising(from[partition]!, 200))
        }
        expect(member.overlaps).toBe(0)
      })
    })

    test('holds up no other partition while a batch of one takes long', async () => {
      const member = recorder(bench.log)
      member.hold = true
      await joined(randomUUID(), member, async () => {
        await vi.waitFor(() => expect(member.assigned).toHaveLength(PARTITIONS), WAIT)
        await bench.log.append('commands', some(0, 3))
        await vi.waitFor(() => expect(member.running).toBe(1), WAIT)
        member.hold = false
        for (let round = 1; round <= 5; round++) {
          await bench.log.append('commands', [...some(0, 300), ...some(1, 300)])
          await vi.waitFor(() => expect(member.of(1)).toHaveLength(300 * round), WAIT)
        }
        expect(member.of(0)).toHaveLength(0)
      })
    })

    test('goes on where `batch` says: behind the last record, or at any other offset', async () => {
      const from = await endOf(bench, 6)
      const member = recorder(bench.log, { 6: from })
      member.answers.push(from, from + 2, from + 9) // the same again, some back, some left out
      await bench.log.append('commands', some(6, 10))
      await joined(randomUUID(), member, async () => {
        await vi.waitFor(() => expect(member.starts(6)).toEqual([from, from, from + 2, from + 9]), WAIT)
      })
    })

    test('gives every group everything', async () => {
      const members = [recorder(bench.log), recorder(bench.log)]
      await joined(randomUUID(), members[0]!, () =>
        joined(randomUUID(), members[1]!, async () => {
          for (const member of members) await vi.waitFor(() => expect(member.assigned).toHaveLength(PARTITIONS), WAIT)
          const written = some(10, 5)
          await bench.log.append('commands', written)
          for (const member of members) {
            await vi.waitFor(() => expect(values(member.of(10))).toEqual(values(written)), WAIT)
          }
        }),
      )
    })

    test('fires the signal of a running batch when it closes, waits for it, and then lets go of each partition', async () => {
      const member = recorder(bench.log)
      member.hold = true
      const consumption = await bench.log.consume('commands', randomUUID(), member.consumer)
      await vi.waitFor(() => expect(member.assigned).toHaveLength(PARTITIONS), WAIT)
      await bench.log.append('commands', some(11, 3))
      await vi.waitFor(() => expect(member.running).toBe(1), WAIT)
      await Promise.all([consumption.close(), consumption.close()])
      expect(member.running).toBe(0)
      expect(member.revoked.toSorted((a, b) => a - b)).toEqual(rising(0, PARTITIONS))
      expect(member.revokedWhileRunning).toBe(0)
      const seen = member.records.length
      await bench.log.append('commands', some(11, 3))
      const next = recorder(bench.log, { 11: (await endOf(bench, 11)) - 3 })
      await joined(randomUUID(), next, () => vi.waitFor(() => expect(next.of(11)).toHaveLength(3), WAIT))
      expect(member.records).toHaveLength(seen)
    })

    test('lets a group be joined again, and delivers again what `assigned` asks for', async () => {
      const group = randomUUID()
      const from = await endOf(bench, 1)
      const written = some(1, 4)
      await bench.log.append('commands', written)
      for (let time = 0; time < 2; time++) {
        const member = recorder(bench.log, { 1: from })
        await joined(group, member, () => vi.waitFor(() => expect(values(member.of(1))).toEqual(values(written)), WAIT))
      }
    })

    test('takes a batch that throws because of its signal for what it is: the end that was asked for', async () => {
      const member = recorder(bench.log)
      const batch = (_: number, __: unknown, signal: AbortSignal) =>
        new Promise<number>((_, reject) => {
          member.running++
          signal.addEventListener('abort', () => reject(signal.reason))
        })
      const consumption = await bench.log.consume('commands', randomUUID(), { ...member.consumer, batch })
      await vi.waitFor(() => expect(member.assigned).toHaveLength(PARTITIONS), WAIT)
      await bench.log.append('commands', some(0, 1))
      await vi.waitFor(() => expect(member.running).toBe(1), WAIT)
      const failed = vi.fn()
      void consumption.failed.then(failed)
      await consumption.close()
      expect(member.revoked).toHaveLength(PARTITIONS)
      expect(failed).not.toHaveBeenCalled()
    })

    test.each(['assigned', 'batch'] as const)('ends when `%s` throws, and says why', async (method) => {
      const member = recorder(bench.log)
      const fault = new TypeError('a bug')
      const broken = { ...member.consumer, [method]: () => Promise.reject(fault) }
      const consumption = await bench.log.consume('commands', randomUUID(), broken)
      await vi.waitFor(() => expect(method === 'assigned' || member.assigned.length === PARTITIONS).toBe(true), WAIT)
      await bench.log.append('commands', some(0, 1))
      expect(await consumption.failed).toBe(fault)
      await consumption.close()
      expect(member.revoked.toSorted((a, b) => a - b)).toEqual(rising(0, PARTITIONS))
    })

    test('ends when it is sent beyond the end of the log', async () => {
      const member = recorder(bench.log, { 5: (await endOf(bench, 5)) + 1 })
      const consumption = await bench.log.consume('commands', randomUUID(), member.consumer)
      expect((await consumption.failed).message).toMatch(/partition 5 .*ends at/)
      await consumption.close()
    })
  })
}

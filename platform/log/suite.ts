import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { MAX_RECORD_BYTES, QUEUE_RECORDS } from './limits.ts'
import { type Consumption, type Log, type LogRecord, LogUnavailable, type NewRecord, PARTITIONS } from './port.ts'
import { recorder } from './recorder.ts'

/** One log's storage: `open` may be called again and again, and finds what was there; `remove` takes it away. */
export interface Storage {
  open(): Promise<Log>
  remove(): Promise<void>
}

const WAIT = { timeout: 20_000, interval: 10 }
const record = (partition: number, value: string): NewRecord => ({ partition, key: `key-${partition}`, value })
const some = (partition: number, count: number, mark: string = randomUUID()) =>
  Array.from({ length: count }, (_, n) => record(partition, `${mark}/${n}`))
const values = (records: readonly { value: string }[]) => records.map(({ value }) => value)
const rising = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n)

/** What every log has to do (port.ts). All tests share one storage: each goes by the ends that it finds. */
export function logContract(name: string, makeStorage: () => Promise<Storage>): void {
  describe(`${name} as a log`, { timeout: 60_000 }, () => {
    let storage: Storage
    let log: Log
    const endOf = async (partition: number) => (await log.describe('commands')).ends[partition]!
    beforeAll(async () => {
      storage = await makeStorage()
      log = await storage.open()
    }, 60_000)
    afterAll(async () => {
      await log.close()
      await storage.remove()
    }, 60_000)

    async function joined<T>(group: string, member: ReturnType<typeof recorder>, work: (c: Consumption) => Promise<T>) {
      const consumption = await log.consume('commands', group, member.consumer)
      try {
        return await work(consumption)
      } finally {
        await consumption.close()
      }
    }

    describe('append', () => {
      test('numbers the records of each partition without gaps, in the order given', async () => {
        const { ends } = await log.describe('commands')
        const offsets = await log.append('commands', [record(3, 'a'), record(5, 'b'), record(3, 'c'), record(5, 'd')])
        expect(offsets).toEqual([ends[3], ends[5], ends[3]! + 1, ends[5]! + 1])
        expect(await log.append('commands', [record(3, 'e')])).toEqual([ends[3]! + 2])
        expect(await log.append('commands', [])).toEqual([])
        const after = (await log.describe('commands')).ends
        expect(after).toEqual(ends.map((end, p) => (p === 3 ? end + 3 : p === 5 ? end + 2 : end)))
      })

      test('keeps the topics apart', async () => {
        const before = await log.describe('commands')
        const events = await log.describe('events')
        expect(await log.append('events', [record(1, 'event')])).toEqual([events.ends[1]])
        expect((await log.describe('commands')).ends).toEqual(before.ends)
        expect(events.id).not.toBe(before.id)
      })

      test('refuses a record that no log can take, and appends nothing of that call', async () => {
        const before = await log.describe('commands')
        const large = record(0, 'x'.repeat(MAX_RECORD_BYTES))
        await expect(log.append('commands', [record(0, 'small'), large])).rejects.toThrow(RangeError)
        await expect(log.append('commands', [record(PARTITIONS, 'nowhere')])).rejects.toThrow(RangeError)
        expect(await log.describe('commands')).toEqual(before)
      })

      test('refuses what its queue has no room for, certainly unwritten, and writes what it took', async () => {
        const { ends } = await log.describe('events')
        const waiting = [1, 2].map((partition) => log.append('events', some(partition, QUEUE_RECORDS / 2)))
        const refused = await log.append('events', [record(3, 'too much')]).catch((error: unknown) => error)
        expect(refused).toMatchObject({ name: 'LogUnavailable', written: 'no' })
        expect((await Promise.all(waiting)).map((offsets) => offsets[0])).toEqual([ends[1], ends[2]])
        expect((await log.describe('events')).ends[3]).toBe(ends[3])
        expect(await log.append('events', [record(3, 'now')])).toEqual([ends[3]])
      })

      test('stands for any number of callers at once: what it acknowledged is there, in the order of each caller', async () => {
        const script = fc.array(fc.integer({ min: 0, max: PARTITIONS - 1 }), { minLength: 1, maxLength: 8 })
        await fc.assert(
          fc.asyncProperty(fc.array(script, { minLength: 1, maxLength: 20 }), async (callers) => {
            const { ends } = await log.describe('commands')
            const told = (await Promise.all(callers.map((partitions) => appendInTurn(log, partitions)))).flat()
            for (let partition = 0; partition < PARTITIONS; partition++) {
              const mine = told.filter((record) => record.partition === partition)
              const kept = await log.read('commands', partition, ends[partition]!, 1_000)
              expect(kept.map(({ offset }) => offset)).toEqual(rising(ends[partition]!, mine.length))
              for (const { offset, value } of mine) expect(kept[offset - ends[partition]!]!.value).toBe(value)
            }
            for (const caller of new Set(told.map(({ caller }) => caller))) {
              for (let partition = 0; partition < PARTITIONS; partition++) {
                const own = told.filter((record) => record.caller === caller && record.partition === partition)
                expect(own.map(({ offset }) => offset)).toEqual(own.map(({ offset }) => offset).sort((a, b) => a - b))
              }
            }
          }),
          { numRuns: 10 },
        )
      })
    })

    describe('read', () => {
      test('gives back key, value and headers as they were appended', async () => {
        const odd = {
          partition: 7,
          key: 'ключ',
          value: '{"ё":"İ 🍀"}',
          headers: { 'content-type': 'application/json', é: '' },
        }
        const [first] = await log.append('commands', [odd, { ...odd, key: '', headers: undefined }])
        expect(await log.read('commands', 7, first!, 2)).toEqual([
          { ...odd, offset: first },
          { ...odd, offset: first! + 1, key: '', headers: {} },
        ])
      })

      test('gives at most as many as asked for, from the offset asked for, and none at the end', async () => {
        const from = await endOf(8)
        await log.append('commands', some(8, 10))
        const read = async (offset: number, limit: number) =>
          (await log.read('commands', 8, offset, limit)).map((record) => record.offset)
        expect(await read(from + 4, 3)).toEqual(rising(from + 4, 3))
        expect(await read(from + 8, 100)).toEqual([from + 8, from + 9])
        expect(await read(from + 10, 100)).toEqual([])
        expect(await read(from + 11, 100)).toEqual([])
      })

      test('reaches the end in steps, however large the records are', async () => {
        const from = await endOf(9)
        const large = Array.from({ length: 6 }, (_, n) => record(9, `${n}${'x'.repeat(MAX_RECORD_BYTES - 100)}`))
        await log.append('commands', large)
        const found: LogRecord[] = []
        for (let step = 0; step < 6 && found.length < 6; step++) {
          found.push(...(await log.read('commands', 9, from + found.length, 6)))
        }
        expect(found.map(({ offset }) => offset)).toEqual(rising(from, 6))
        expect(values(found)).toEqual(values(large))
      })
    })

    describe('close', () => {
      test('keeps the log: what was acknowledged, its id and its ends are there when it is opened again', async () => {
        const other = await storage.open()
        const written = some(2, 700)
        const [first] = await other.append('commands', written)
        const before = await other.describe('commands')
        await other.close()
        await log.close()
        log = await storage.open()
        expect(await log.describe('commands')).toEqual(before)
        const found = await log.read('commands', 2, first!, 700)
        expect(values(found)).toEqual(values(written).slice(0, found.length))
        expect(await log.append('commands', [record(2, 'next')])).toEqual([first! + 700])
      })

      test('lets appends that are under way end, refuses later ones, and may be called twice', async () => {
        const other = await storage.open()
        const pending = other.append('events', some(0, 20))
        await Promise.all([other.close(), other.close()])
        expect(await pending).toHaveLength(20)
        const refused = await other.append('events', [record(0, 'late')]).catch((error: unknown) => error)
        expect(refused).toBeInstanceOf(LogUnavailable)
        expect((refused as LogUnavailable).written).toBe('no')
        await log.close() // two adapters of one storage may not know of each other's appends
        log = await storage.open()
      })
    })

    describe('consume', () => {
      test('assigns every partition, and delivers each from the offset that `assigned` names', async () => {
        const from = await endOf(4)
        const written = some(4, 30)
        await log.append('commands', written)
        const member = recorder(log, { 4: from + 10 })
        await joined(randomUUID(), member, async () => {
          await vi.waitFor(() => expect(member.assigned.toSorted((a, b) => a - b)).toEqual(rising(0, PARTITIONS)), WAIT)
          await vi.waitFor(() => expect(values(member.of(4))).toEqual(values(written).slice(10)), WAIT)
          expect(member.of(4).map(({ offset }) => offset)).toEqual(rising(from + 10, 20))
        })
      })

      test('delivers what is appended meanwhile, in order, never two batches of one partition at once', async () => {
        const member = recorder(log)
        await joined(randomUUID(), member, async () => {
          await vi.waitFor(() => expect(member.assigned).toHaveLength(PARTITIONS), WAIT)
          const written = rising(0, 40).map((round) =>
            rising(0, PARTITIONS).flatMap((p) => some(p, 5, `round ${round}`)),
          )
          const from = (await log.describe('commands')).ends
          await Promise.all(written.map((records) => log.append('commands', records)))
          for (let partition = 0; partition < PARTITIONS; partition++) {
            await vi.waitFor(() => expect(member.of(partition)).toHaveLength(200), WAIT)
            expect(member.of(partition).map(({ offset }) => offset)).toEqual(rising(from[partition]!, 200))
          }
          expect(member.overlaps).toBe(0)
        })
      })

      test('holds up no other partition while a batch of one takes long', async () => {
        const member = recorder(log)
        member.hold = true
        await joined(randomUUID(), member, async () => {
          await vi.waitFor(() => expect(member.assigned).toHaveLength(PARTITIONS), WAIT)
          await log.append('commands', some(0, 3))
          await vi.waitFor(() => expect(member.running).toBe(1), WAIT)
          member.hold = false
          for (let round = 1; round <= 5; round++) {
            await log.append('commands', [...some(0, 300), ...some(1, 300)])
            await vi.waitFor(() => expect(member.of(1)).toHaveLength(300 * round), WAIT)
          }
          expect(member.of(0)).toHaveLength(0)
        })
      })

      test('goes on where `batch` says: behind the last record, or at any other offset', async () => {
        const from = await endOf(6)
        const member = recorder(log, { 6: from })
        member.answers.push(from, from + 2, from + 9) // the same again, some back, some left out
        await log.append('commands', some(6, 10))
        await joined(randomUUID(), member, async () => {
          await vi.waitFor(() => expect(member.starts(6)).toEqual([from, from, from + 2, from + 9]), WAIT)
        })
      })

      test('gives every group everything', async () => {
        const members = [recorder(log), recorder(log)]
        await joined(randomUUID(), members[0]!, () =>
          joined(randomUUID(), members[1]!, async () => {
            for (const member of members) await vi.waitFor(() => expect(member.assigned).toHaveLength(PARTITIONS), WAIT)
            const written = some(10, 5)
            await log.append('commands', written)
            for (const member of members) {
              await vi.waitFor(() => expect(values(member.of(10))).toEqual(values(written)), WAIT)
            }
          }),
        )
      })

      test('fires the signal of a running batch when it closes, waits for it, and then lets go of each partition', async () => {
        const member = recorder(log)
        member.hold = true
        const consumption = await log.consume('commands', randomUUID(), member.consumer)
        await vi.waitFor(() => expect(member.assigned).toHaveLength(PARTITIONS), WAIT)
        await log.append('commands', some(11, 3))
        await vi.waitFor(() => expect(member.running).toBe(1), WAIT)
        await Promise.all([consumption.close(), consumption.close()])
        expect(member.running).toBe(0)
        expect(member.revoked.toSorted((a, b) => a - b)).toEqual(rising(0, PARTITIONS))
        expect(member.revokedWhileRunning).toBe(0)
        const seen = member.records.length
        await log.append('commands', some(11, 3))
        const next = recorder(log, { 11: (await endOf(11)) - 3 })
        await joined(randomUUID(), next, () => vi.waitFor(() => expect(next.of(11)).toHaveLength(3), WAIT))
        expect(member.records).toHaveLength(seen)
      })

      test('lets a group be joined again, and delivers again what `assigned` asks for', async () => {
        const group = randomUUID()
        const from = await endOf(1)
        const written = some(1, 4)
        await log.append('commands', written)
        for (let time = 0; time < 2; time++) {
          const member = recorder(log, { 1: from })
          await joined(group, member, () =>
            vi.waitFor(() => expect(values(member.of(1))).toEqual(values(written)), WAIT),
          )
        }
      })

      test('takes a batch that throws because of its signal for what it is: the end that was asked for', async () => {
        const member = recorder(log)
        const batch = (_: number, __: unknown, signal: AbortSignal) =>
          new Promise<number>((_, reject) => {
            member.running++
            signal.addEventListener('abort', () => reject(signal.reason))
          })
        const consumption = await log.consume('commands', randomUUID(), { ...member.consumer, batch })
        await vi.waitFor(() => expect(member.assigned).toHaveLength(PARTITIONS), WAIT)
        await log.append('commands', some(0, 1))
        await vi.waitFor(() => expect(member.running).toBe(1), WAIT)
        const failed = vi.fn()
        void consumption.failed.then(failed)
        await consumption.close()
        expect(member.revoked).toHaveLength(PARTITIONS)
        expect(failed).not.toHaveBeenCalled()
      })

      test.each(['assigned', 'batch'] as const)('ends when `%s` throws, and says why', async (method) => {
        const member = recorder(log)
        const fault = new TypeError('a bug')
        const broken = { ...member.consumer, [method]: () => Promise.reject(fault) }
        const consumption = await log.consume('commands', randomUUID(), broken)
        await vi.waitFor(() => expect(method === 'assigned' || member.assigned.length === PARTITIONS).toBe(true), WAIT)
        await log.append('commands', some(0, 1))
        expect(await consumption.failed).toBe(fault)
        await consumption.close()
        expect(member.revoked.toSorted((a, b) => a - b)).toEqual(rising(0, PARTITIONS))
      })

      test('ends when it is sent beyond the end of the log', async () => {
        const member = recorder(log, { 5: (await endOf(5)) + 1 })
        const consumption = await log.consume('commands', randomUUID(), member.consumer)
        expect((await consumption.failed).message).toMatch(/partition 5 .*ends at/)
        await consumption.close()
      })
    })
  })
}

/** One caller: appends record after record, each after the acknowledgement of the one before. */
async function appendInTurn(log: Log, partitions: number[]) {
  const caller = randomUUID()
  const told: { caller: string; partition: number; offset: number; value: string }[] = []
  for (const partition of partitions) {
    const value = `${caller}/${told.length}`
    const [offset] = await log.append('commands', [record(partition, value)])
    told.push({ caller, partition, offset: offset!, value })
  }
  return told
}

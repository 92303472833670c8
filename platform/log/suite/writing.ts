import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { MAX_RECORD_BYTES, QUEUE_RECORDS } from '../limits.ts'
import { type Log, type LogRecord, LogUnavailable, PARTITIONS } from '../port.ts'
import { type Bench, endOf, record, rising, some, values, WAIT } from './bench.ts'
import { recorder } from './recorder.ts'

export function writingContract(bench: Bench): void {
  describe('append', () => {
    test('numbers the records of each partition without gaps, in the order given', async () => {
      const { ends } = await bench.log.describe('commands')
      const offsets = await bench.log.append('commands', [
        record(3, 'a'),
        record(5, 'b'),
        record(3, 'c'),
        record(5, 'd'),
      ])
      expect(offsets).toEqual([ends[3], ends[5], ends[3]! + 1, ends[5]! + 1])
      expect(await bench.log.append('commands', [record(3, 'e')])).toEqual([ends[3]! + 2])
      expect(await bench.log.append('commands', [])).toEqual([])
      const after = (await bench.log.describe('commands')).ends
      expect(after).toEqual(ends.map((end, p) => (p === 3 ? end + 3 : p === 5 ? end + 2 : end)))
    })

    test('keeps the topics apart', async () => {
      const before = await bench.log.describe('commands')
      const events = await bench.log.describe('events')
      expect(await bench.log.append('events', [record(1, 'event')])).toEqual([events.ends[1]])
      expect((await bench.log.describe('commands')).ends).toEqual(before.ends)
      expect(events.id).not.toBe(before.id)
    })

    test('refuses a record that no log can take, and appends nothing of that call', async () => {
      const before = await bench.log.describe('commands')
      const large = record(0, 'x'.repeat(MAX_RECORD_BYTES))
      await expect(bench.log.append('commands', [record(0, 'small'), large])).rejects.toThrow(RangeError)
      await expect(bench.log.append('commands', [record(PARTITIONS, 'nowhere')])).rejects.toThrow(RangeError)
      expect(await bench.log.describe('commands')).toEqual(before)
    })

    test('refuses what its queue has no room for, certainly unwritten, and writes what it took', async () => {
      const { ends } = await bench.log.describe('events')
      const waiting = [1, 2].map((partition) => bench.log.append('events', some(partition, QUEUE_RECORDS / 2)))
      const refused = await bench.log.append('events', [record(3, 'too much')]).catch((error: unknown) => error)
      expect(refused).toMatchObject({ name: 'LogUnavailable', written: 'no' })
      expect((await Promise.all(waiting)).map((offsets) => offsets[0])).toEqual([ends[1], ends[2]])
      expect((await bench.log.describe('events')).ends[3]).toBe(ends[3])
      expect(await bench.log.append('events', [record(3, 'now')])).toEqual([ends[3]])
    })

    test('stands for any number of callers at once: what it acknowledged is there, in the order of each caller', async () => {
      const script = fc.array(fc.integer({ min: 0, max: PARTITIONS - 1 }), { minLength: 1, maxLength: 8 })
      await fc.assert(
        fc.asyncProperty(fc.array(script, { minLength: 1, maxLength: 20 }), async (callers) => {
          const { ends } = await bench.log.describe('commands')
          const told = (await Promise.all(callers.map((partitions) => appendInTurn(bench.log, partitions)))).flat()
          for (let partition = 0; partition < PARTITIONS; partition++) {
            const mine = told.filter((record) => record.partition === partition)
            const kept = await bench.log.read('commands', partition, ends[partition]!, 1_000)
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
      const [first] = await bench.log.append('commands', [odd, { ...odd, key: '', headers: undefined }])
      expect(await bench.log.read('commands', 7, first!, 2)).toEqual([
        { ...odd, offset: first },
        { ...odd, offset: first! + 1, key: '', headers: {} },
      ])
    })

    test('gives at most as many as asked for, from the offset asked for, and none at the end', async () => {
      const from = await endOf(bench, 8)
      await bench.log.append('commands', some(8, 10))
      const read = async (offset: number, limit: number) =>
        (await bench.log.read('commands', 8, offset, limit)).map((record) => record.offset)
      expect(await read(from + 4, 3)).toEqual(rising(from + 4, 3))
      expect(await read(from + 8, 100)).toEqual([from + 8, from + 9])
      expect(await read(from + 10, 100)).toEqual([])
      expect(await read(from + 11, 100)).toEqual([])
    })

    test('reaches the end in steps, however large the records are', async () => {
      const from = await endOf(bench, 9)
      const large = Array.from({ length: 6 }, (_, n) => record(9, `${n}${'x'.repeat(MAX_RECORD_BYTES - 100)}`))
      await bench.log.append('commands', large)
      const found: LogRecord[] = []
      for (let step = 0; step < 6 && found.length < 6; step++) {
        found.push(...(await bench.log.read('commands', 9, from + found.length, 6)))
      }
      expect(found.map(({ offset }) => offset)).toEqual(rising(from, 6))
      expect(values(found)).toEqual(values(large))
    })
  })

  describe('close', () => {
    test('keeps the log: what was acknowledged, its id and its ends are there when it is opened again', async () => {
      const other = await bench.open()
      const written = some(2, 700)
      const [first] = await other.append('commands', written)
      const before = await other.describe('commands')
      await other.close()
      await bench.log.close()
      bench.log = await bench.open()
      expect(await bench.log.describe('commands')).toEqual(before)
      const found = await bench.log.read('commands', 2, first!, 700)
      expect(values(found)).toEqual(values(written).slice(0, found.length))
      expect(await bench.log.append('commands', [record(2, 'next')])).toEqual([first! + 700])
    })

    test('ends what still consumes', async () => {
      const other = await bench.open()
      const member = recorder(other)
      await other.consume('commands', randomUUID(), member.consumer)
      await vi.waitFor(() => expect(member.assigned).toHaveLength(PARTITIONS), WAIT)
      await other.close()
      expect(member.revoked).toHaveLength(PARTITIONS)
    })

    test('lets appends that are under way end, refuses later ones, and may be called twice', async () => {
      const other = await bench.open()
      const pending = other.append('events', some(0, 20))
      await Promise.all([other.close(), other.close()])
      expect(await pending).toHaveLength(20)
      const refused = await other.append('events', [record(0, 'late')]).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(LogUnavailable)
      expect((refused as LogUnavailable).written).toBe('no')
      await bench.log.close() // two adapters of one storage may not know of each other's appends
      bench.log = await bench.open()
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

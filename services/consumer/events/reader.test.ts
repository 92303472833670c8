import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLog } from '../../../platform/log/mod.ts'
import { type Log, PARTITIONS } from '../../../platform/log/port.ts'
import { checkPartition, checkTold } from '../ownership/log-check.ts'
import { beginIncarnation, NotTold, readOutcomes, readTold } from './reader.ts'

const P = 5

let log: Log
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'trefoil-events-'))
  log = await openLog({ directory })
})
afterEach(async () => {
  await log.close()
  await rm(directory, { recursive: true, force: true })
})

type Sketch = [incarnation: number, offset: number] | { mark: number }

async function write(...sketches: Sketch[]): Promise<void> {
  const values = sketches.map((one) =>
    Array.isArray(one) ? { incarnation: one[0], offset: one[1] } : { v: 1, ...one },
  )
  await log.append(
    'events',
    values.map((value) => ({ partition: P, key: '', value: JSON.stringify(value) })),
  )
}
async function read(from = 0, ours = 0): Promise<[number, number][]> {
  const { ends } = await log.describe('events')
  const all: [number, number][] = []
  for await (const { incarnation, offset } of readOutcomes(log, P, { from, end: ends[P]!, incarnation: ours })) {
    all.push([incarnation, offset])
  }
  return all
}

describe('reading outcomes', () => {
  test('each position once, though events have it more often', async () => {
    await write([1, 0], [1, 1], [1, 0], [1, 1], [1, 2], [1, 1])
    expect(await read()).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
    ])
  })

  test('a missing position stops: nothing is passed over', async () => {
    await write([1, 0], [1, 2])
    await expect(read()).rejects.toThrow(`events lack the outcome at ${P}:1`)
  })

  test('behind a mark what a smaller incarnation still appended is void', async () => {
    await write([1, 0], { mark: 2 }, [1, 1], [2, 1], [1, 2], [2, 2])
    expect(await read()).toEqual([
      [1, 0],
      [2, 1],
      [2, 2],
    ])
  })

  test('a log that gives less than it has is no end', async () => {
    await write([1, 0], [1, 1])
    const short: Log = {
      ...log,
      read: async (...[topic, partition, from]) => log.read(topic, partition, from, from ? 0 : 1),
    }
    const reading = (async () => {
      for await (const _ of readOutcomes(short, P, { from: 0, end: 2, incarnation: 0 }));
    })()
    await expect(reading).rejects.toThrow(`before ${P}:2`)
  })

  describe('from where a database stands', () => {
    test('gives what is beyond, however often events have what is below', async () => {
      await write([1, 0], [1, 1], [1, 0], [1, 1], [1, 2], [1, 1], [1, 3])
      expect(await read(2, 1)).toEqual([
        [1, 2],
        [1, 3],
      ])
      expect(await read(4, 1)).toEqual([])
    })

    test('gives what newer databases decided beyond it, and not what its own still appended behind their marks', async () => {
      await write([1, 0], [1, 1], { mark: 2 }, [1, 2], [2, 2], { mark: 3 }, [1, 3], [2, 3], [3, 3])
      expect(await read(2, 1)).toEqual([
        [2, 2],
        [3, 3],
      ])
    })

    test('does not begin where it has decided what was never told', async () => {
      await write([1, 0], [1, 1])
      await expect(read(3, 1)).rejects.toThrow(NotTold)
    })

    test('does not begin where what it has decided came behind a mark', async () => {
      await write([1, 0], { mark: 2 }, [1, 1])
      await expect(read(2, 1)).rejects.toThrow(NotTold)
    })

    test('does not begin where a newer one decided otherwise, wherever the marks stand', async () => {
      await write([1, 0], { mark: 2 }, { mark: 3 }, [1, 1], [3, 1], [3, 2], [3, 3], [3, 4])
      await expect(read(2, 1)).rejects.toThrow(NotTold)
      await expect(read(4, 1)).rejects.toThrow(NotTold)
    })
  })

  test('in any number', async () => {
    const count = 1234
    for (let from = 0; from < count; from += 500) {
      await write(...Array.from({ length: Math.min(500, count - from) }, (_, n): Sketch => [1, from + n]))
    }
    expect(await read()).toHaveLength(count)
  })
})

describe('a new incarnation', () => {
  test('is the next after the newest that ever wrote, on every partition', async () => {
    await write([1, 0], { mark: 4 }, [1, 1])
    const { incarnation, ends } = await beginIncarnation(log)
    expect(incarnation).toBe(5)
    expect(ends).toEqual(Array.from({ length: PARTITIONS }, (_, p) => (p === P ? 3 : 0)))
    for (let p = 0; p < PARTITIONS; p++) {
      const [mark] = await log.read('events', p, ends[p]!, 1)
      expect(JSON.parse(mark!.value)).toEqual({ v: 1, mark: 5 })
    }
    expect((await beginIncarnation(log)).incarnation).toBe(6)
  })
})

describe('what was told', () => {
  test('of nothing is nothing', async () => {
    expect(await readTold(log, P, 1)).toEqual({ incarnation: 1, next: 0 })
  })

  test('reaches as far as the furthest position, though a former owner’s late copy stands last', async () => {
    await write([1, 0], [1, 1], [1, 2], [1, 0])
    expect(await readTold(log, P, 1)).toEqual({ incarnation: 1, next: 3 })
  })

  test('counts nothing of smaller incarnations: it was replayed, or is void', async () => {
    await write([1, 0], [1, 1], { mark: 2 }, [1, 2], [1, 3])
    expect(await readTold(log, P, 2)).toEqual({ incarnation: 2, next: undefined })
    await write([2, 2])
    expect(await readTold(log, P, 2)).toEqual({ incarnation: 2, next: 3 })
  })

  test('tells of an incarnation that this database does not know', async () => {
    await write([1, 0], { mark: 2 })
    expect(await readTold(log, P, 1)).toMatchObject({ incarnation: 2 })
    await expect(checkTold(log, P, 9, 1)).rejects.toThrow('incarnation 2 was rebuilt')
  })

  test('is looked for at the end, however long events are', async () => {
    for (let from = 0; from < 3000; from += 500) {
      await write(...Array.from({ length: 500 }, (_, n): Sketch => [1, from + n]))
    }
    let read = 0
    const counting: Log = {
      ...log,
      async read(...given) {
        const records = await log.read(...given)
        read += records.length
        return records
      },
    }
    expect(await readTold(counting, P, 1)).toEqual({ incarnation: 1, next: 3000 })
    expect(read).toBe(1000)
  })
})

describe('when a partition is assigned', () => {
  const commands = (count: number) =>
    log.append(
      'commands',
      Array.from({ length: count }, () => ({ partition: P, key: '', value: '{}' })),
    )

  test('events go on where they were published', async () => {
    await commands(3)
    await write([1, 0], [1, 1])
    expect(await checkPartition(log, P, { next: 3, published: 2 }, 1)).toBe(2)
    expect(await checkPartition(log, P, { next: 3, published: 1 }, 1)).toBe(1) // appended, and not noted
    expect(await checkPartition(log, P, { next: 2, published: 2 }, 1)).toBe(2)
  })

  test('more told than decided is an older copy of the database', async () => {
    await commands(3)
    await write([1, 0], [1, 1])
    await expect(checkPartition(log, P, { next: 1, published: 1 }, 1)).rejects.toThrow('it is an older copy')
  })

  test('a log that ends before what was decided has lost its end', async () => {
    await commands(1)
    await expect(checkPartition(log, P, { next: 2, published: 0 }, 1)).rejects.toThrow('the log has lost its end')
  })

  test('events that end before what was published get it again', async () => {
    await commands(5)
    await write([1, 0], [1, 1])
    expect(await checkPartition(log, P, { next: 5, published: 4 }, 1)).toBe(2)
    await write({ mark: 2 })
    expect(await checkPartition(log, P, { next: 5, published: 4 }, 2)).toBe(4)
  })
})

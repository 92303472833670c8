import { expect, test } from 'vitest'
import { gate } from './reading.testing.ts'
import { createSingleFlight } from './single-flight.ts'

/** Work that ends when it is told to and says which one it was. */
function works() {
  const started: { waited: boolean; end: () => void }[] = []
  const work = async (waited: boolean) => {
    const ending = gate()
    const number = started.push({ waited, end: ending.open })
    await ending.passed
    return number
  }
  return { started, work }
}

test('whoever comes while one runs shares the next one', async () => {
  const flights = createSingleFlight()
  const { started, work } = works()
  const first = flights.run('key', work)
  const later = [flights.run('key', work), flights.run('key', work), flights.run('key', work)]
  expect(started).toHaveLength(1)
  started[0]!.end()
  expect(await first).toBe(1)
  await expect.poll(() => started.length).toBe(2)
  started[1]!.end()
  expect(await Promise.all(later)).toEqual([2, 2, 2])
  expect(started.map(({ waited }) => waited)).toEqual([false, true])
})

test('whoever comes while the next one runs waits for one more', async () => {
  const flights = createSingleFlight()
  const { started, work } = works()
  const runs = [flights.run('key', work), flights.run('key', work)]
  started[0]!.end()
  await expect.poll(() => started.length).toBe(2)
  runs.push(flights.run('key', work))
  expect(started).toHaveLength(2)
  started[1]!.end()
  await expect.poll(() => started.length).toBe(3)
  started[2]!.end()
  expect(await Promise.all(runs)).toEqual([1, 2, 3])
})

test('never are two of one key under way, however they come', async () => {
  const flights = createSingleFlight()
  let running = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++running)
    await null
    running--
  }
  const runs: Promise<void>[] = []
  for (let step = 0; step < 200; step++) {
    runs.push(flights.run('key', work))
    if (step % 3 === 0) await null
  }
  await Promise.all(runs)
  expect(most).toBe(1)
})

test('keys do not wait for each other', async () => {
  const flights = createSingleFlight()
  const { started, work } = works()
  void flights.run('one', work)
  void flights.run('other', work)
  expect(started).toHaveLength(2)
})

test('a failure is that of those who shared it', async () => {
  const flights = createSingleFlight()
  const first = flights.run('key', () => Promise.reject(new Error('down')))
  const second = flights.run('key', async () => 'up')
  await expect(first).rejects.toThrow('down')
  expect(await second).toBe('up')
  expect(await flights.run('key', async () => 'still up')).toBe('still up')
})

test('what comes after all has ended starts at once', async () => {
  const flights = createSingleFlight()
  await flights.run('key', async () => 1)
  const { started, work } = works()
  await null
  void flights.run('key', work)
  expect(started).toHaveLength(1)
  expect(started[0]!.waited).toBe(false)
})

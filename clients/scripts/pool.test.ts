import { describe, expect, test } from 'vitest'
import { inParallel, upTo } from './pool.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('inParallel', () => {
  test('does each once, so many at a time', async () => {
    const done: number[] = []
    let running = 0
    let most = 0
    await inParallel(upTo(20), 3, async (number) => {
      most = Math.max(most, ++running)
      await turn()
      running--
      done.push(number)
    })
    expect(done.sort((a, b) => a - b)).toEqual([...upTo(20)])
    expect(most).toBe(3)
  })

  test('takes nothing more after a failure, and throws it once the others are through', async () => {
    const ended: number[] = []
    const work = async (number: number) => {
      if (number === 1) throw new Error('no')
      await turn()
      ended.push(number)
    }
    await expect(inParallel(upTo(100), 3, work)).rejects.toThrow('no')
    expect(ended).toEqual([0, 2])
  })

  test('finishes what is under way when it is told to stop', async () => {
    const stop = new AbortController()
    const ended: number[] = []
    const work = async (number: number) => {
      if (number === 1) stop.abort(new Error('stopped'))
      await turn()
      ended.push(number)
    }
    await expect(inParallel(upTo(100), 2, work, stop.signal)).rejects.toThrow('stopped')
    expect(ended).toEqual([0, 1])
  })
})

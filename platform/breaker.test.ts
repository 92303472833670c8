import { describe, expect, test } from 'vitest'
import { BreakerOpen, createBreaker } from './breaker.ts'

describe('createBreaker', () => {
  function bench() {
    let time = 0
    let ran = 0
    const breaker = createBreaker({ failures: 3, restMs: 250, now: () => time })
    return {
      breaker,
      pass: (ms: number) => {
        time += ms
      },
      ran: () => ran,
      succeed: () => breaker.run(async () => ++ran),
      fail: () =>
        breaker
          .run(async () => {
            ran++
            throw new Error('no')
          })
          .catch((error: Error) => error),
    }
  }

  test('passes results and errors on', async () => {
    const { succeed, fail } = bench()
    expect(await succeed()).toBe(1)
    expect(await fail()).toEqual(new Error('no'))
  })

  test('refuses without trying after three failures in a row', async () => {
    const { succeed, fail, ran } = bench()
    for (let n = 0; n < 3; n++) expect(await fail()).not.toBeInstanceOf(BreakerOpen)
    await expect(succeed()).rejects.toBeInstanceOf(BreakerOpen)
    expect(ran()).toBe(3)
  })

  test('counts failures in a row only', async () => {
    const { succeed, fail } = bench()
    for (let n = 0; n < 5; n++) {
      await fail()
      await fail()
      await succeed()
    }
  })

  test('lets one call through after its rest, and stays open if that fails', async () => {
    const { succeed, fail, pass, ran } = bench()
    for (let n = 0; n < 3; n++) await fail()
    pass(249)
    await expect(succeed()).rejects.toBeInstanceOf(BreakerOpen)
    pass(1)
    const probe = fail()
    await expect(succeed()).rejects.toBeInstanceOf(BreakerOpen)
    expect(await probe).toEqual(new Error('no'))
    await expect(succeed()).rejects.toBeInstanceOf(BreakerOpen)
    expect(ran()).toBe(4)
  })

  test('is closed by a call that succeeds after its rest', async () => {
    const { succeed, fail, pass } = bench()
    for (let n = 0; n < 3; n++) await fail()
    pass(250)
    await succeed()
    await Promise.all([succeed(), succeed()])
    expect(await fail()).not.toBeInstanceOf(BreakerOpen)
    await succeed()
  })

  test('takes an error that is no outage for an answer', async () => {
    const gone = new Error('gone')
    const breaker = createBreaker({ failures: 2, isOutage: (error) => error === gone })
    const answer = (error: Error) => breaker.run(() => Promise.reject(error)).catch((thrown: Error) => thrown)
    for (let n = 0; n < 5; n++) await answer(new Error('no such index'))
    await answer(gone)
    await answer(new Error('no such index'))
    await answer(gone)
    expect(await answer(gone)).toBe(gone)
    expect(await answer(gone)).toBeInstanceOf(BreakerOpen)
  })

  test('can be closed from outside', async () => {
    const { breaker, succeed, fail } = bench()
    for (let n = 0; n < 3; n++) await fail()
    breaker.close()
    await succeed()
  })
})

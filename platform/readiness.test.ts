import { describe, expect, test } from 'vitest'
import { createReadiness } from './readiness.ts'

const up = async () => 'fine'
const down = async () => Promise.reject(new Error('connection refused'))

function opened(probes: Parameters<typeof createReadiness>[0]) {
  const readiness = createReadiness(probes)
  readiness.open()
  return readiness
}

describe('readiness', () => {
  test('names what is missing, with the reason, and nothing else', async () => {
    const readiness = opened({ postgres: down, log: up })
    expect(await readiness.missing()).toEqual({ postgres: 'connection refused' })
  })

  test('a part that does not answer is missing', async () => {
    const readiness = opened({ postgres: () => new Promise(() => {}) })
    expect(await readiness.missing()).toEqual({ postgres: 'no answer within 1000 ms' })
  })

  test('asks the parts once for watchers that ask together', async () => {
    let asked = 0
    const readiness = opened({ log: async () => asked++ })
    await Promise.all([readiness.missing(), readiness.missing(), readiness.missing()])
    expect(asked).toBe(1)
  })

  test('does not serve before it is opened; stopping, it serves what still comes and is not ready', async () => {
    const readiness = createReadiness({ log: up })
    expect(readiness.serving()).toBe(false)
    expect(await readiness.missing()).toEqual({ process: 'starting' })
    readiness.open()
    expect(readiness.serving()).toBe(true)
    readiness.shut()
    expect(readiness.serving()).toBe(true)
    expect(await readiness.missing()).toEqual({ process: 'stopping' })
  })
})

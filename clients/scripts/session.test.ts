import { describe, expect, test } from 'vitest'
import { staying } from './session.ts'

const tokens = (nth: number) => {
  return {
    access_token: `access ${nth}`,
    token_type: 'Bearer',
    expires_in: 600,
    refresh_token: `refresh ${nth}`,
  } as const
}

describe('staying', () => {
  test('renews once for all, a minute before the token expires', async () => {
    let time = 0
    const used: string[] = []
    const token = staying(
      tokens(0),
      async (refreshToken) => {
        used.push(refreshToken)
        return tokens(used.length)
      },
      () => time,
    )
    expect(await token()).toBe('access 0')
    time = 539_000
    expect(await token()).toBe('access 0')
    time = 541_000
    expect(await Promise.all([token(), token()])).toEqual(['access 1', 'access 1'])
    time += 541_000
    expect(await token()).toBe('access 2')
    expect(used).toEqual(['refresh 0', 'refresh 1'])
  })

  test('tries again after a failure', async () => {
    let fails = true
    const token = staying(
      { ...tokens(0), expires_in: 0 },
      async () => {
        if (fails) throw new Error('away')
        return tokens(1)
      },
      () => 0,
    )
    await expect(token()).rejects.toThrow('away')
    fails = false
    expect(await token()).toBe('access 1')
  })
})

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { platformCodes } from '../../platform/errors/codes.ts'
import { codes as userCodes } from '../users/contract.ts'
import { codes, projects } from './contract.ts'

describe.each(Object.entries(projects))('%s', (_, spec) => {
  test('has an example that fits', () => {
    expect(spec.input.safeParse(spec.example.input).error).toBeUndefined()
    if ('output' in spec.example) expect(spec.output.parse(spec.example.output)).toEqual(spec.example.output)
  })

  test('answers codes that are known', () => {
    const known = { ...platformCodes, ...userCodes, ...codes }
    for (const code of 'rejects' in spec ? spec.rejects : []) expect(known).toHaveProperty([code])
  })

  test('can be documented', () => {
    expect(z.toJSONSchema(spec.input, { io: 'input' })).toMatchObject({ type: 'object', additionalProperties: false })
  })
})

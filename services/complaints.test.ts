import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Contract } from '../platform/contract/contract.ts'
import { issuesOf } from '../platform/errors/issues.ts'
import { contracts } from './catalog.ts'

// Whatever is sent, the complaint says what would be taken instead.
const wrong = [undefined, null, true, 0, -1.5, '', 'x'.repeat(100_000), [], [[]], {}, { $ne: null }]

const fields = Object.entries(contracts).flatMap(([service, contract]) =>
  Object.entries(contract as Contract).flatMap(([name, { input }]) =>
    Object.entries<z.core.$ZodType>(input.shape).map(([field, schema]) => ({
      field: `${service}.${name}: ${field}`,
      schema,
    })),
  ),
)

describe('a complaint about an input', () => {
  test.each(fields)('$field says what is taken', ({ schema }) => {
    for (const value of wrong) {
      const { error } = z.core.safeParse(schema, value)
      for (const { message } of error ? issuesOf(error) : []) expect(message).not.toMatch(/^(?:Invalid input)?$/)
    }
  })
})

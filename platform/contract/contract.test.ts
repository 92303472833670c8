import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { contract, type Procedure } from './contract.ts'

const query = {
  kind: 'query',
  summary: 'A thing',
  input: z.strictObject({ id: z.string(), note: z.string().optional() }),
  output: z.object({ id: z.string() }),
  example: { input: { id: 'a' } },
} as const satisfies Procedure
const mutation = { ...query, kind: 'mutation' } as const satisfies Procedure

describe('a contract', () => {
  test('is the procedures it was given', () => {
    const things = contract({ byId: { ...query, rest: 'GET /things/{id}' } })
    expect(things.byId.rest).toBe('GET /things/{id}')
  })

  test('keeps literal types', () => {
    const things = contract({ byId: { ...query, rest: 'GET /things/{id}', rejects: ['thing.not_found'] } })
    const rest: 'GET /things/{id}' = things.byId.rest
    const code: 'thing.not_found' = things.byId.rejects[0]
    expect([rest, code]).toEqual(['GET /things/{id}', 'thing.not_found'])
  })
})

// Each of these is refused by the compiler; were it not, `tsc` would complain of an unused directive.
test('a contract that contradicts itself does not compile', () => {
  // @ts-expect-error a path parameter that the input lacks
  contract({ byId: { ...query, rest: 'GET /things/{name}' } })
  // @ts-expect-error the second of two
  contract({ byId: { ...query, rest: 'GET /things/{id}/{part}' } })
  // @ts-expect-error a body field that the input lacks
  contract({ make: { ...mutation, rest: 'POST /things', body: 'data' } })
  // @ts-expect-error an alias of nothing
  contract({ make: { ...mutation, rest: 'POST /things', aliases: { thing_id: 'thingId' } } })
  // @ts-expect-error a secret that the input lacks
  contract({ make: { ...mutation, secrets: ['password'] } })
  // @ts-expect-error a key scope that the input lacks
  contract({ make: { ...mutation, keyScope: 'username' } })
  // @ts-expect-error 201 without a location
  contract({ make: { ...mutation, rest: 'POST /things', status: 201 } })
  // @ts-expect-error a change behind GET
  contract({ make: { ...mutation, rest: 'GET /things' } })
  // @ts-expect-error a method that is none
  contract({ byId: { ...query, rest: 'FETCH /things' } })
  // @ts-expect-error an input that is no object
  contract({ byId: { ...query, input: z.string() } })

  contract({
    byId: { ...query, rest: 'GET /things/{id}' },
    make: {
      ...mutation,
      rest: 'POST /things/{id}',
      status: 201,
      location: '/things/{id}',
      body: 'note',
      aliases: { remark: 'note' },
      secrets: ['note'],
      keyScope: 'id',
    },
  })
})

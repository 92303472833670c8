import { z } from 'zod'
import { contract } from '../../contract/contract.ts'

/** Seconds that a look-up may wait. */
const MAX_WAIT_SECONDS = 10

const operationState = z
  .discriminatedUnion('status', [
    z.object({ status: z.literal('pending') }),
    z.object({
      status: z.literal('succeeded'),
      type: z.string().describe('What was asked for, such as `task.create`.'),
      entity: z.string().describe('Id of the entity.'),
      version: z.int().min(1),
      value: z.record(z.string(), z.unknown()).nullable().describe('The entity as decided; null where it was removed.'),
    }),
    z.object({
      status: z.literal('rejected'),
      error: z.object({
        code: z.string(),
        detail: z.string().optional(),
        extra: z.record(z.string(), z.unknown()).optional(),
      }),
    }),
  ])
  .meta({ id: 'Operation' })

export const operationsContract = contract({
  byId: {
    kind: 'query',
    rest: 'GET /operations/{id}',
    waits: true,
    input: z.strictObject({
      id: z.string().min(1).max(100).describe('The `operation` of a receipt.'),
      wait: z.number().min(0).max(MAX_WAIT_SECONDS).default(0).describe('Seconds to wait while it is pending.'),
    }),
    output: operationState,
    summary: 'What became of a change that was accepted; only whoever asked for it sees it.',
    rejects: ['operation.not_found'],
    example: {
      input: { id: 'AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', wait: 2 },
      output: { status: 'rejected', error: { code: 'version.mismatch', extra: { version: 4 } } },
    },
  },
})

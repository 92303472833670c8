import type { Service } from '../../service.ts'
import { implement } from '../../trpc/implement.ts'
import { operationsContract } from './contract.ts'
import type { Operations } from './operations.ts'

/** A receipt's token covers the very command that is asked about: pending is an answer, not something to wait for first. */
const unwaited = { reach: async () => true }

/** The look-up of changes that were accepted: any service can answer it, whoever took the command. */
export function operationsService(operations: Operations): Service {
  const { procedure, router } = implement('operations', operationsContract, { watermarks: unwaited, mark: 'decided' })
  return {
    name: 'operations',
    contract: operationsContract,
    codes: {},
    router: router({
      byId: procedure.byId.query(({ input, ctx }) =>
        operations.find(input.id, ctx.actor, { waitMs: input.wait * 1000, signal: ctx.signal }),
      ),
    }),
  }
}

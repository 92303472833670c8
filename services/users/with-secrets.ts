import type { z } from 'zod'
import type { Answer, Call, CommandEdge } from '../../platform/commands/send/edge.ts'
import type { Accounts } from './accounts.ts'
import type { Register } from './schema.ts'
import { firstExpiry, type Setups } from './setup.ts'

/**
 * The write path with what must not enter the log beside it: a registration's password is kept, or proven, before anything is
 * answered, and whoever makes a user is answered the setup token, at a repeat too.
 */
export function withSecrets(edge: CommandEdge, accounts: Pick<Accounts, 'prepare'>, setups: Setups): CommandEdge {
  async function withSetup({ procedure }: Call, answer: Answer): Promise<Answer> {
    if (procedure !== 'users.create' || 'receipt' in answer) return answer
    const { id, createdAt } = answer.entity
    const { setupToken } = await setups.issue(id, firstExpiry(createdAt), undefined)
    return { entity: { ...answer.entity, ...{ setupToken } } }
  }

  return {
    identify: (call) => edge.identify(call),

    async prepare({ procedure, input, ctx }, { newId }) {
      if (procedure !== 'users.register') return
      await accounts.prepare(newId, input as z.output<typeof Register>, ctx.address)
    },

    async earlier(call, identity) {
      const answer = await edge.earlier(call, identity)
      return answer && withSetup(call, answer)
    },

    submit: async (call, identity, draft) => withSetup(call, await edge.submit(call, identity, draft)),
  }
}

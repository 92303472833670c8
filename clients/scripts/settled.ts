import type { Receipt } from '../../platform/commands/command.ts'
import type { Api } from './client.ts'

/** Each look-up waits so long on the server's side. */
const WAIT_SECONDS = 10
const LOOKUPS = 6

export const isReceipt = (answer: unknown): answer is Receipt =>
  typeof answer === 'object' && answer !== null && 'operation' in answer && 'status' in answer

/** What became of a change: the answer itself, or what its receipt turns out to stand for. @throws Error for a late refusal */
export async function settled<Answer>(api: Api, answer: Answer): Promise<Exclude<Answer, Receipt>> {
  if (!isReceipt(answer)) return answer as Exclude<Answer, Receipt>
  for (let left = LOOKUPS; left > 0; left--) {
    const state = await api.operations.byId.query({ id: answer.operation, wait: WAIT_SECONDS })
    if (state.status === 'succeeded') return state.value as Exclude<Answer, Receipt>
    if (state.status === 'rejected') throw new LateRefusal(state.error.code, state.error.detail)
  }
  throw new Error(`The change ${answer.operation} was accepted, but is not decided after ${LOOKUPS * WAIT_SECONDS} s.`)
}

/** A change that was accepted, and then decided against. */
export class LateRefusal extends Error {
  readonly code: string

  constructor(code: string, detail = 'The change was accepted, and then refused.') {
    super(`${detail} (${code})`)
    this.name = 'LateRefusal'
    this.code = code
  }
}

import type { Receipt } from './contracts.ts'
import type { Deadline } from './deadline.ts'
import { hasCode, stillUnknown, type TrefoilError } from './errors.ts'
import { lateRefusal } from './refusals.ts'

/** A state of an operation, as `operations.byId` answers it. */
type State =
  | { status: 'pending' }
  | { status: 'succeeded'; value: unknown }
  | { status: 'rejected'; error: { code: string; detail?: string; extra?: Record<string, unknown> } }

export interface SettleParts {
  /** Asks what became of an operation; the server waits so many seconds before it answers that it is pending. */
  lookUp(id: string, wait: number): Promise<unknown>
  procedure: string
  requestId: string
  /** Before it is asked again, in milliseconds. */
  pause(): number
}

/** Seconds, as the server has it. */
const MAX_WAIT = 10
/** What a look-up takes besides its waiting, in seconds. */
const ON_ITS_WAY = 0.5

/** Asks until an accepted change is decided. @throws TrefoilError its rejection; any other one carries the receipt */
export async function settle(receipt: Receipt, parts: SettleParts, deadline: Deadline): Promise<unknown> {
  const { lookUp, pause, procedure, requestId } = parts
  for (;;) {
    const state = await lookUp(receipt.operation, waitWithin(deadline))
      .then((answer) => answer as State)
      .catch(unknown)
    // A removed entity is null over the wire, where the change itself would have answered nothing.
    if (state.status === 'succeeded') return state.value ?? undefined
    if (state.status === 'rejected') throw lateRefusal(state.error, procedure, requestId)
    await deadline.sleep(pause()).catch(() => undefined) // the next look-up says what is over
  }

  function unknown(error: TrefoilError): never {
    throw hasCode(error) ? stillUnknown(error, procedure, receipt) : error
  }
}

/** Seconds to wait for a change, so that the answer is here before time is up. */
export const waitWithin = (deadline: Deadline): number =>
  Math.min(MAX_WAIT, Math.max(0, deadline.remaining() / 1000 - ON_ITS_WAY))

/** What a change answers that is not decided yet. */
export function isReceipt(answer: unknown): answer is Receipt {
  if (typeof answer !== 'object' || answer === null) return false
  const { status, operation, token } = answer as Partial<Receipt>
  return status === 'accepted' && typeof operation === 'string' && typeof token === 'string'
}

import { Failure } from '../errors/failure.ts'
import type { CallContext } from '../trpc/trpc.ts'
import { createRateLimit, type Rate } from './rate-limit.ts'

export interface Limits {
  /** For each user, or address where there is no user, over all calls; a batch costs what it contains. Off without it. */
  general?: Rate
  /** For each address, on each of these procedures alone: those that try passwords or make accounts. */
  strict?: { rate: Rate; procedures: readonly string[] }
  /** Streams that a user, or address, may hold open. */
  streams?: number
}

const MAX_STREAMS = 5

export interface Admission {
  /** @throws Failure `rate.limited` */
  admit(names: readonly string[], ctx: CallContext): void
  /** Counts a stream until the function returned is called. @throws Failure `rate.limited` */
  stream(ctx: CallContext): () => void
}

export function createAdmission({ general, strict, streams = MAX_STREAMS }: Limits, now?: () => number): Admission {
  const generally = general && createRateLimit(general, now)
  const strictly = strict && createRateLimit(strict.rate, now)
  const guarded = new Set(strict?.procedures)
  const open = new Map<string, number>()

  return {
    admit(names, ctx) {
      if (generally) demand(generally.take(whoOf(ctx), names.length))
      if (!strictly) return
      for (const name of names) {
        if (guarded.has(name)) demand(strictly.take(`${name} ${ctx.address}`))
      }
    },
    stream(ctx) {
      const who = whoOf(ctx)
      const held = open.get(who) ?? 0
      if (held >= streams) throw new Failure('rate.limited', `At most ${streams} streams may be open at once.`)
      open.set(who, held + 1)
      return () => {
        const left = open.get(who)! - 1
        if (left === 0) open.delete(who)
        else open.set(who, left)
      }
    },
  }
}

const whoOf = ({ actor, address }: CallContext): string => (actor ? `user ${actor.id}` : `address ${address}`)

function demand(seconds: number): void {
  if (seconds > 0) throw new Failure('rate.limited', undefined, { retryAfter: seconds })
}

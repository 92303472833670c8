import { Failure } from '../errors/failure.ts'
import { createRateLimit, type Rate } from '../rate-limit.ts'
import type { CallContext } from '../trpc/trpc.ts'

export interface Limits {
  /** For each user, or address where there is no user, over all calls; a batch costs what it contains. Off without it. */
  general?: Rate
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

export function createAdmission({ general, streams = MAX_STREAMS }: Limits): Admission {
  const calls = general && createRateLimit(general)
  const open = new Map<string, number>()

  return {
    admit: (names, ctx) => calls?.take(whoOf(ctx), names.length),
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

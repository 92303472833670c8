/** Longer than a session: who has a place is not without a heartbeat for so long. */
const SILENT_MS = 30_000
/** Longer than kafkajs tries to join: five times, and each may wait a session for a member that is gone. */
const JOINING_MS = 90_000

/** kafkajs goes on without a place in its group, or with partitions that are not those of its place: it has to join anew. */
export class PlaceLost extends Error {
  constructor(sign: string) {
    super(`kafkajs goes on without its place in the Kafka group: ${sign}`)
    this.name = 'PlaceLost'
  }
}

/**
 * Finds a member that only believes to be one. If the answer to SyncGroup is lost or late, kafkajs has the generation of the new
 * assignment and the partitions of the one before, and goes on. Kafka takes its heartbeats for those of a member that
 * has what it was assigned: the rest has no owner. And if joining fails after the group has forgotten the member, it
 * goes on without heartbeats.
 */
export interface Membership {
  /** The group is about to be joined anew. */
  rebalancing(): void
  /** Partitions were assigned. */
  joined(memberId: string): void
  /** Kafka has accepted a heartbeat. */
  heartbeat(memberId: string, generation: number): void
  end(): void
}

/** @param lost called where the place is lost */
export function createMembership(lost: (error: PlaceLost) => void): Membership {
  /** The generation becomes known by the first heartbeat. */
  let place: { memberId: string; generation?: number } | undefined
  /** Of a heartbeat that does not fit. While the group is joined one may come early: before its partitions, which come next. */
  let strange: string | undefined
  let silence: NodeJS.Timeout | undefined

  function heard(patienceMs = SILENT_MS): void {
    clearTimeout(silence)
    silence = setTimeout(() => lost(new PlaceLost('no heartbeat was answered for long')), patienceMs).unref()
  }

  function fits(memberId: string, generation: number): boolean {
    if (place?.memberId !== memberId) return false
    place.generation ??= generation
    return place.generation === generation
  }

  return {
    rebalancing() {
      place = undefined
      heard(JOINING_MS)
    },
    joined(memberId) {
      place = { memberId }
      strange = undefined
      heard()
    },
    heartbeat(memberId, generation) {
      heard()
      if (fits(memberId, generation)) return
      const now = `${memberId} ${generation}`
      if (now === strange) lost(new PlaceLost(`it was never told the partitions of generation ${generation}`))
      strange = now
    },
    end: () => clearTimeout(silence),
  }
}

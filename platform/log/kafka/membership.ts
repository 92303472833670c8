/** Longer than a session and a few rebalances: without a heartbeat for so long nobody has a place any more. */
const SILENT_MS = 30_000

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
  /** Kafka has accepted a heartbeat. @throws PlaceLost */
  heartbeat(memberId: string, generation: number): void
  end(): void
}

/** @param lost called where no heartbeat comes */
export function createMembership(lost: (error: PlaceLost) => void): Membership {
  /** The generation becomes known by the first heartbeat. */
  let place: { memberId: string; generation?: number } | undefined
  let silence: NodeJS.Timeout | undefined

  function heard(): void {
    clearTimeout(silence)
    silence = setTimeout(() => lost(new PlaceLost('no heartbeat was answered for long')), SILENT_MS).unref()
  }

  return {
    rebalancing() {
      place = undefined
      heard()
    },
    joined(memberId) {
      place = { memberId }
      heard()
    },
    heartbeat(memberId, generation) {
      heard()
      if (place?.memberId === memberId) {
        place.generation ??= generation
        if (place.generation === generation) return
      }
      throw new PlaceLost(`it was never told the partitions of generation ${generation}`)
    },
    end: () => clearTimeout(silence),
  }
}

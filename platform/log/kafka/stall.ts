/** What a consumption has to show for itself: null while it is no member of its group. */
export type Hunger = ReadonlyMap<number, number> | null

/**
 * Finds a consumption that kafkajs has silently stopped feeding: one that stays outside its group, or waits for an
 * offset that the partition has long had. A slow consumer is no such case, for it does not wait for records.
 */
export function createStallDetector(limitMs: number) {
  const since = new Map<string, number>()

  /** `hunger`: the offsets waited for, by partition; `ends` were asked for after it was taken. */
  function observe(now: number, hunger: Hunger, ends: readonly number[]): string | undefined {
    const signs = new Set(hunger === null ? ['it has not joined its group'] : starving(hunger, ends))
    for (const sign of since.keys()) if (!signs.has(sign)) since.delete(sign)
    for (const sign of signs) {
      const first = since.get(sign) ?? now
      since.set(sign, first)
      if (now - first >= limitMs) return sign
    }
    return undefined
  }

  return { observe, forget: () => since.clear() }
}

function starving(hunger: ReadonlyMap<number, number>, ends: readonly number[]): string[] {
  return [...hunger]
    .filter(([partition, offset]) => offset < ends[partition]!)
    .map(([partition, offset]) => `partition ${partition} gets nothing from offset ${offset} on`)
}

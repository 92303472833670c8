import type { Random } from '../random.ts'

/** All that is left to chance in one run, from one seed. */
export interface Chance extends Random {
  /** True with this probability. */
  of(probability: number): boolean
  /** An integer, from < n < to. */
  between(from: number, to: number): number
}

/** mulberry32 */
export function createChance(seed: number): Chance {
  let state = seed >>> 0
  let ids = 0
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    unit,
    id: () => `id${++ids}`,
    of: (probability) => unit() < probability,
    between: (from, to) => from + Math.floor(unit() * (to - from)),
  }
}

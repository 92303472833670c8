import { randomUUID } from 'node:crypto'

/** Comes in from outside, so that a simulation can replay itself. */
export interface Random {
  /** Never the same twice, in any process: the protocol of the cache rests on it. */
  id(): string
  /** 0 ≤ x < 1 */
  unit(): number
}

export const systemRandom: Random = { id: () => randomUUID(), unit: () => Math.random() }

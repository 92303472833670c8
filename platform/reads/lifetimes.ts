import type { Entity } from '../commands/command.ts'
import type { Random } from './random.ts'

/** Longer than any load is waited for; an orphan keeps others from filling for this long. */
export const TICKET_MS = 2_000
/** Longer than a page's, so that pages of a scope expire one by one and not with their stamp. */
export const STAMP_MS = 600_000
const VALUE_MS = 60_000
const TOMBSTONE_MS = 10_000

/** ± 15 %, so that what was cached together does not expire together. */
const spread = (ms: number, random: Random): number => Math.round(ms * (0.85 + 0.3 * random.unit()))

export const pageLifetime = (random: Random): number => spread(VALUE_MS, random)

export const entityLifetime = (entity: Entity, random: Random): number =>
  spread(entity.deleted ? TOMBSTONE_MS : VALUE_MS, random)

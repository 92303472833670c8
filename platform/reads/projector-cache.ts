import type { Refresh } from '../cache/port.ts'
import type { Entity } from '../commands/command.ts'
import { stampText, valueText } from './envelope.ts'
import { entityLifetime, STAMP_MS } from './lifetimes.ts'
import { type Random, systemRandom } from './random.ts'
import { stampKey } from './stamps.ts'

/*
 * The projector's half of the protocol: what one `cache.refresh` is made of. It is sent after the store that readers
 * load from holds the change and before a watermark covers it, never under an odd epoch. Where it is not acknowledged
 * the epoch is raised, even if a retry succeeds: the first one may still arrive, on a ticket that a later reader took.
 */

/** @param epoch of the entity's partition, as its owner knows it; a removed entity leaves a short-lived tombstone */
export const refreshEntity = (kind: string, entity: Entity, epoch: number, random: Random = systemRandom): Refresh => ({
  key: `${kind}:${entity.id}`,
  value: valueText(entity, epoch),
  ttlMs: entityLifetime(entity, random),
  mode: 'newer',
})

/**
 * @param epochs by partition, known before this is sent: that of the one partition where the scope's commands live, or
 *   of all (the own one exactly, the others as they were last learnt; too small is safe, readers make a new stamp)
 */
export const replaceStamp = (
  scope: string,
  epochs: ReadonlyMap<number, number>,
  random: Random = systemRandom,
): Refresh => ({
  key: stampKey(scope),
  value: stampText(random.id(), Object.fromEntries(epochs)),
  ttlMs: STAMP_MS,
  mode: 'always',
})

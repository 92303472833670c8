import type { Entity } from '../commands/command.ts'
import { isTicket, parseValue } from './envelope.ts'
import { isOpen } from './epochs.ts'
import type { EntitySource } from './reads.ts'

/** Why what stands in the cache is not an answer. */
export type Unusable = 'miss' | 'stale' | 'shut'

/** What a text in the cache is worth. The partition is known from the value alone, so a shut one shows only here. */
export function judge<E extends Entity>(
  text: string | null,
  known: readonly number[],
  { partition }: Pick<EntitySource<E>, 'partition'>,
): E | Unusable {
  if (text === null || isTicket(text)) return 'miss'
  const value = parseValue<E>(text)
  if (value === undefined) return 'stale'
  const epoch = known[partition(value.entity)]
  if (!isOpen(epoch)) return 'shut'
  return value.epoch >= epoch ? value.entity : 'stale'
}

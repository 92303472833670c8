import { Failure } from '../../errors/failure.ts'
import type { Entity } from '../command.ts'

/** What the fold will decide of `expectedVersion`, said at once. @throws Failure `version.mismatch` */
export function requireVersion({ version }: Entity, expected: number | undefined): void {
  if (expected !== undefined && expected !== version)
    throw new Failure('version.mismatch', undefined, { extra: { version } })
}

import { Failure } from '../platform/errors/failure.ts'
import { resolve } from '../platform/errors/resolve.ts'
import { sentenceOf } from '../platform/thrown.ts'
import { allCodes } from './catalog.ts'

/** Why something ended, for people: a Failure without words of its own has those of its code. */
export function complaintOf(thrown: unknown): string {
  if (!(thrown instanceof Failure)) return sentenceOf(thrown)
  const { detail, says } = resolve(thrown, allCodes)
  return detail ?? says
}

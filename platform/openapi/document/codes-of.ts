import type { Procedure } from '../../contract/contract.ts'
import type { PlatformCode } from '../../errors/codes.ts'
import { placesOf, takesBody } from '../places.ts'
import type { Route } from '../routes.ts'

const ANY: readonly PlatformCode[] = [
  'input.malformed',
  'input.invalid',
  'version.invalid',
  'idempotency.invalid',
  'token.invalid',
  'token.behind',
  'rate.limited',
  'service.starting',
  'service.overloaded',
  'store.unavailable',
  'internal',
]
const WITH_BODY: readonly PlatformCode[] = ['input.too_large', 'input.media_type', 'input.timeout']
const WITH_ACTOR: readonly PlatformCode[] = [
  'auth.missing',
  'auth.invalid',
  'auth.expired',
  'auth.revoked',
  'access.forbidden',
]
const COMMAND: readonly PlatformCode[] = [
  'idempotency.reused',
  'idempotency.expired',
  'log.unavailable',
  'log.unknown',
  'command.failed',
]

/** Every code that a route may answer: what anything can, what follows from its contract, what only it can. */
export function codesOf({ spec, method }: Route): string[] {
  return [
    ...new Set([
      ...ANY,
      ...('cursor' in spec.input.shape ? (['input.cursor'] as const) : []),
      ...(takesBody(placesOf(spec), method) ? WITH_BODY : []),
      ...(spec.open ? [] : WITH_ACTOR),
      ...(spec.command ? COMMAND : []),
      ...(isVersioned(spec) ? (['version.mismatch'] as const) : []),
      ...(spec.rejects ?? []),
    ]),
  ]
}

const isVersioned = ({ input }: Procedure): boolean => 'expectedVersion' in input.shape

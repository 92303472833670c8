import { createHash } from 'node:crypto'
import { hashedId } from '../../ids.ts'
import { canonicalJson } from '../canonical.ts'
import type { Call, Identity } from './edge.ts'

/**
 * The ids of a call. Under an Idempotency-Key they depend on who asks, the procedure and the key alone, so that a retry
 * is the same command and makes the same entity; where nobody is logged in (a registration) the key is scoped by an
 * input field, or two strangers with the key "1" would share an account.
 */
export function identify(call: Call, newId: () => string): Identity {
  const hash = hashOf(call)
  const key = call.ctx.asked.idempotencyKey
  if (key === undefined) return { command: newId(), newId: newId(), hash, keyed: false }
  const parts = [...scopeOf(call), call.procedure, key]
  return { command: hashedId('command', ...parts), newId: hashedId('entity', ...parts), hash, keyed: true }
}

function scopeOf({ ctx, spec, input, procedure }: Call): [string, string] {
  if (ctx.actor) return ['actor', ctx.actor.id]
  const value = spec.keyScope === undefined ? undefined : input[spec.keyScope]
  if (typeof value !== 'string') throw new Error(`${procedure} is open: its keyScope must name an input field`)
  return ['input', value]
}

/** Tells a retry from a key that is used again. Secrets stay out: even as a hash they never enter the log. */
function hashOf({ procedure, spec, input }: Call): string {
  const told = Object.fromEntries(Object.entries(input).filter(([name]) => !spec.secrets?.includes(name)))
  return createHash('sha256')
    .update(`${procedure}\n${canonicalJson(told)}`)
    .digest('base64url')
}

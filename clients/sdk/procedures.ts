import type { NamesWith } from './contracts.ts'

/*
 * What must be known of procedures at run time. The compiler holds both lists against the contracts: one that is
 * missing here, or is here too much, does not compile.
 */

/** Called without a token: the session of the client has no part in them. */
const open: Record<NamesWith<{ open: true }>, true> = {
  'users.login': true,
  'users.refresh': true,
  'users.register': true,
  'users.setPassword': true,
}

/** Changes beside the log, which an Idempotency-Key does not guard: sent twice, they happen twice. */
const unguarded: Record<Exclude<NamesWith<{ kind: 'mutation' }>, NamesWith<{ command: true }>>, true> = {
  'users.changePassword': true,
  'users.issueSetup': true,
  'users.login': true,
  'users.logout': true,
  'users.refresh': true,
  'users.setPassword': true,
}

export const isOpen = (path: string): boolean => Object.hasOwn(open, path)
export const isUnguarded = (path: string): boolean => Object.hasOwn(unguarded, path)

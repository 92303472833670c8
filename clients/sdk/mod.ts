/**
 * The client of Trefoil: every procedure of every service with its types, sessions that refresh themselves, retries
 * that are safe, reads that are never behind one's own changes, errors with literal codes. Runs on Node, Deno and in browsers.
 *
 * @example
 * import { createClient } from '@trefoil/sdk'
 *
 * const client = createClient({ url: 'http://localhost:8000' })
 * await client.login({ username: 'admin', password })
 * for await (const task of client.tasks.list.items({ projectId: 'APOLLO' })) console.log(task.code, task.title)
 *
 * @module
 */
export { createClient } from './client.ts'
export type { Clock } from './clock.ts'
export type {
  Contracts,
  Document,
  Issue,
  PlatformCode,
  Procedures,
  Project,
  Receipt,
  Task,
  Tokens,
  User,
} from './contracts.ts'
export {
  type AnyCode,
  type ClientCode,
  type ErrorCode,
  type ErrorCodeOf,
  type ErrorDetails,
  type ErrorWith,
  hasCode,
  type ServerCode,
  TrefoilError,
} from './errors.ts'
export type { ExtraOf, Extras } from './extras.ts'
export type { CallOptions, ChangeOptions, ClientOptions, Retry } from './options.ts'
export type { Page } from './pages.ts'
export { type Outcome, type Result, safe } from './safe.ts'
export type { Session, SessionStore, TokenProvider } from './session.ts'
export type {
  Arguments,
  Change,
  Client,
  Input,
  List,
  MethodsOf,
  Mutation,
  Output,
  Own,
  Query,
  ReceiptOf,
  Sent,
  Services,
} from './surface.ts'

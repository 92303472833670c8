import type { CodesOf, Contracts, InputOf, Procedure, Procedures, Receipt, Tokens } from './contracts.ts'
import type { ErrorCode } from './errors.ts'
import type { CallOptions, ChangeOptions } from './options.ts'
import type { Page } from './pages.ts'
import type { Outcome } from './safe.ts'
import type { Session } from './session.ts'

/** All services behind one address: each procedure is `client.<service>.<procedure>`, and has the methods of its kind. */
export type Client = Services & Own

export type Services = { readonly [Name in keyof Contracts]: Service<Name> }

/** By its name, which is what an editor shows of it. */
type Service<Name extends keyof Contracts> = {
  readonly [Method in keyof Contracts[Name]]: Contracts[Name][Method] extends infer P extends Procedure
    ? MethodsOf<P>
    : never
}

/** The methods of a procedure, by its kind. */
export type MethodsOf<P extends Procedure> = P extends { kind: 'query' }
  ? OutputOf<P> extends Page<infer Item>
    ? List<InputOf<P>, OutputOf<P>, Item, ErrorCode<CodesOf<P>>>
    : Query<InputOf<P>, OutputOf<P>, ErrorCode<CodesOf<P>>>
  : P extends { command: true }
    ? Change<InputOf<P>, OutputOf<P>, ErrorCode<CodesOf<P>>>
    : Mutation<InputOf<P>, OutputOf<P>, ErrorCode<CodesOf<P>>>

export interface Query<Input, Output, Code extends string> {
  /** Asks. Never shows less than this client was told before. */
  query(...args: Arguments<Input, CallOptions>): Outcome<Output, Code>
}

export interface List<Input, Output, Item, Code extends string> extends Query<Input, Output, Code> {
  /** Page by page: `for await (const { items } of …)`. Each page is loaded when it is asked for, in a time of its own. */
  pages(...args: Arguments<Input, CallOptions>): AsyncIterableIterator<Page<Item>>
  /** Item by item, over all pages; `limit` is the size of a page. */
  items(...args: Arguments<Input, CallOptions>): AsyncIterableIterator<Item>
}

export interface Mutation<Input, Output, Code extends string> {
  /** Does it. It is sent once: what happens twice if it is sent twice is tried again only where it was not begun. */
  mutate(...args: Arguments<Input, CallOptions>): Outcome<Output, Code>
}

export interface Change<Input, Output, Code extends string> {
  /** Changes, and resolves to the entity as it was decided. */
  mutate(...args: Arguments<Input, ChangeOptions>): Outcome<Output, Code>
  /** Changes, and resolves to a receipt as soon as the change is accepted: `client.settle` tells what became of it. */
  send(...args: Arguments<Input, ChangeOptions>): Outcome<Sent<Output, Code>, Code>
}

/** An input may be left out where none of its fields is needed. */
export type Arguments<Input, Options> = undefined extends Input
  ? [input?: Input, options?: Options]
  : [input: Input, options?: Options]

type OutputOf<P extends Procedure> = P['output']['_zod']['output']

/**
 * A receipt, of which the compiler knows what it becomes. Plain JSON: keep it, and settle it later or elsewhere, as the
 * same user.
 */
export interface Sent<Output = unknown, Code extends string = string> extends Receipt {
  /** Where the change was decided at once, as a repeat under a used key is. */
  readonly decided?: { readonly value: Output | null }
  readonly [promised]?: { output: Output; code: Code }
}

/** There is no such value: it tells the compiler what a receipt is of. */
declare const promised: unique symbol

/** What a client does besides calling procedures. */
export interface Own {
  /**
   * Begins a session; the client refreshes it by itself from then on.
   * @throws TrefoilError `credentials.wrong`, `rate.limited` and what any call throws
   * @throws TypeError where `auth` is a function: it goes on giving the tokens
   */
  login(
    credentials: { username: string; password: string },
    options?: CallOptions,
  ): Outcome<Session, ErrorCode<CodesOf<Procedures['users.login']>>>
  /** Ends the session, on the server and here. Here it ends even where the server cannot be reached, which throws. */
  logout(options?: CallOptions): Outcome<void, ErrorCode>
  /** Waits for what becomes of an accepted change: the entity, or the same error that would have come at once. */
  settle<Output = unknown, Code extends string = ErrorCode>(
    receipt: Sent<Output, Code> | Receipt,
    options?: CallOptions,
  ): Outcome<Output, Code | 'operation.not_found'>
  /**
   * The session as this client has last seen it; undefined where nobody is logged in, or a function gives the tokens. It
   * is not enumerable, so that it is in no log.
   */
  readonly session: Session | undefined
  /**
   * What this client has seen, as text to hand to another client, a process or a browser. Setting it adds to what has
   * been seen; undefined forgets all, for a system that was set up anew.
   */
  get token(): string | undefined
  set token(token: string | undefined)
}

/** What a procedure takes: `Input<'tasks.create'>`. */
export type Input<Path extends keyof Procedures> = Procedures[Path] extends infer P extends Procedure
  ? InputOf<P>
  : never

/** What a procedure answers: `Output<'tasks.list'>`. */
export type Output<Path extends keyof Procedures> = Procedures[Path] extends infer P extends Procedure
  ? OutputOf<P>
  : never

/** The receipt of a change: `ReceiptOf<'tasks.create'>`, for one that was kept as JSON. */
export type ReceiptOf<Path extends keyof Procedures> = Procedures[Path] extends infer P extends Procedure
  ? Sent<OutputOf<P>, ErrorCode<CodesOf<P>>>
  : never

export type { Tokens }

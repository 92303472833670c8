import { type Queryable, type Row, SqlError } from './port.ts'

export interface Statements {
  /** What the work of a transaction is given. */
  tx: Queryable
  /** Resolves when every statement begun so far has been answered. */
  settled(): Promise<void>
  /** From now on statements are refused, those that wait for their turn included. */
  end(reason: SqlError): void
}

/**
 * The statements of one transaction: one at a time, in the order in which they were asked for, none after its end.
 * So work may use Promise.all, and a statement that it forgot to await cannot slip into the connection's next life.
 */
export function statements(
  run: (text: string, params?: readonly unknown[], name?: string) => Promise<Row[]>,
): Statements {
  let last: Promise<unknown> = Promise.resolve()
  let ended: SqlError | undefined
  return {
    tx: {
      query<R extends Row>(text: string, params?: readonly unknown[], name?: string) {
        const turn = last.then(() => {
          if (ended) throw ended
          return run(text, params, name)
        })
        last = turn.catch(() => undefined)
        return turn as Promise<R[]>
      },
    },
    async settled() {
      let seen: unknown
      while (seen !== last) {
        seen = last
        await last
      }
    },
    end(reason) {
      ended ??= reason
    },
  }
}

export const afterTheEnd = () => new SqlError('the transaction is over', '25P01')

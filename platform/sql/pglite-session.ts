import { Buffer } from 'node:buffer'
import type { messages, PGlite } from '@electric-sql/pglite'
import { toSqlError } from './failure.ts'
import type { Row } from './port.ts'
import { type Decode, decoders, encode } from './values.ts'

type Answer = Awaited<ReturnType<PGlite['execProtocolStream']>>

/**
 * What is said to the database, in its wire protocol: each statement in one message, where the library's own `query` takes
 * six, and a named one parsed once. For one caller at a time.
 */
export interface Session {
  run(text: string, params?: readonly unknown[], name?: string): Promise<Row[]>
  /** Statements without parameters; resolves to the tag of the last, such as `COMMIT`. */
  command(text: string): Promise<string>
}

export async function openSession(db: PGlite): Promise<Session> {
  const { serialize } = (await import('@electric-sql/pglite')).protocol
  const parsed = new Set<string>()

  async function send(...parts: readonly Uint8Array[]): Promise<Answer> {
    try {
      return await db.execProtocolStream(Buffer.concat(parts), { syncToFs: false })
    } catch (error) {
      throw toSqlError(error, 'XX000')
    }
  }

  async function command(text: string): Promise<string> {
    const answer = await send(serialize.query(text))
    return (answer.findLast(({ name }) => name === 'commandComplete') as messages.CommandCompleteMessage).text
  }

  // Parsed once, planned each time: there is nobody here who would gather statistics, and so tell that a plan that was made
  // while the table was small does not fit any more.
  await command('SET plan_cache_mode = force_custom_plan')

  return {
    command,
    async run(text, params = [], name = '') {
      const values = params.map(encode)
      const known = parsed.delete(name)
      const answer = await send(
        ...(known ? [] : [serialize.close({ type: 'S', name }), serialize.parse({ name, text })]),
        serialize.bind({ statement: name, values }),
        serialize.describe({ type: 'P' }),
        serialize.execute({}),
        serialize.sync(),
      )
      if (name) parsed.add(name) // again only if nothing went wrong, such as that its tables have other columns now
      return rowsOf(answer)
    },
  }
}

function rowsOf(answer: Answer): Row[] {
  const description = answer.find(({ name }) => name === 'rowDescription') as messages.RowDescriptionMessage | undefined
  const columns = description?.fields.map(({ name, dataTypeID }) => [name, decoders.get(dataTypeID) ?? asItIs] as const)
  const rows = answer.filter(({ name }) => name === 'dataRow') as messages.DataRowMessage[]
  return rows.map(({ fields }) => {
    const values = fields.map((text, nth) => [columns![nth]![0], text === null ? null : columns![nth]![1](text)])
    return Object.fromEntries(values)
  })
}

const asItIs: Decode = (text) => text

import { Buffer } from 'node:buffer'
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { PARTITIONS } from '../../log/port.ts'
import type { Queryable } from '../../sql/port.ts'
import { type Secrets, unkept } from '../../sql/secrets.ts'
import type { Position } from '../command.ts'
import type { Mark } from '../watermarks/watermarks.ts'

/** What an operation id stands for: a command's position, and the mark that makes its entity readable. */
export interface Operation {
  position: Position
  mark: Mark
}

/**
 * Operation ids: base64url of 27 bytes, which are version and mark (1), partition (1), offset (7) and the first 18 of an
 * HMAC-SHA-256 over them and the actor. So they need no table, cannot be made up, and open for their actor alone.
 */
export interface OperationIds {
  format(operation: Operation, actor: string): string
  /** Undefined for what is no id, and for another actor's. */
  parse(id: string, actor: string): Operation | undefined
}

const VERSION = 1
const MARKS: readonly Mark[] = ['decided', 'served']
const BODY = 9
const SIGNATURE = 18
const FORM = /^[\w-]{36}$/

export function createOperationIds(secret: Uint8Array): OperationIds {
  const sign = (body: Uint8Array, actor: string): Buffer =>
    createHmac('sha256', secret).update(body).update(actor).digest().subarray(0, SIGNATURE)

  return {
    format({ position, mark }, actor) {
      const body = Buffer.alloc(BODY)
      body.writeUInt8((VERSION << 1) | MARKS.indexOf(mark), 0)
      body.writeBigUInt64BE((BigInt(position.partition) << 56n) | BigInt(position.offset), 1)
      return Buffer.concat([body, sign(body, actor)]).toString('base64url')
    },

    parse(id, actor) {
      if (!FORM.test(id)) return undefined
      const bytes = Buffer.from(id, 'base64url')
      const body = bytes.subarray(0, BODY)
      return timingSafeEqual(bytes.subarray(BODY), sign(body, actor)) ? operationIn(body) : undefined
    },
  }
}

function operationIn(body: Buffer): Operation | undefined {
  const kind = body.readUInt8(0)
  const partition = body.readUInt8(1)
  const mark = MARKS[kind & 1]
  if (kind >> 1 !== VERSION || !mark || partition >= PARTITIONS) return undefined
  return { position: { partition, offset: Number(body.readBigUInt64BE(1) & 0xff_ffff_ffff_ffffn) }, mark }
}

/** What an id says of itself, unsigned: for whoever may see everything anyway. Undefined for what is no id. */
export const operationSaid = (id: string): Operation | undefined =>
  FORM.test(id) ? operationIn(Buffer.from(id, 'base64url').subarray(0, BODY)) : undefined

/** The secret that signs them: made once for a database, and the same for every process on it. */
export async function operationSecret(sql: Queryable, secrets: Secrets = unkept): Promise<Uint8Array> {
  await sql.query(
    `INSERT INTO system (name, value) VALUES ('operation_secret', to_jsonb($1::text)) ON CONFLICT (name) DO NOTHING`,
    [randomBytes(32).toString('base64url')],
  )
  await secrets.keep('system')
  const [row] = await sql.query<{ value: string }>(`SELECT value FROM system WHERE name = 'operation_secret'`)
  return Buffer.from(row!.value, 'base64url')
}

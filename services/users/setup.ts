import { Buffer } from 'node:buffer'
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { parse as uuidBytes, stringify as uuidText } from 'uuid'
import type { Queryable } from '../../platform/sql/port.ts'
import { type Secrets, unkept } from '../../platform/sql/secrets.ts'
import type { Setup } from './schema.ts'

/**
 * Setup tokens are made, not stored: a seal over the user, the expiry and the password hash that stands. So one can be
 * given again for a repeated request, none is left behind by a request that failed, and the use of one ends all of them.
 */
export interface Setups {
  /** @param hash the user's password hash; undefined where there is none */
  issue(userId: string, expiresAt: Date, hash: string | undefined): Promise<Setup>
  /** Whom a token is for, and a check that it is sealed for that user's hash; undefined for what is no token, or an expired one. */
  read(token: string): { userId: string; sealedFor(hash: string | undefined): Promise<boolean> } | undefined
}

export const SETUP_DAYS = 7

/** For the user made at that time: the same token however often it is asked for. */
export const firstExpiry = (createdAt: string): Date => new Date(Date.parse(createdAt) + SETUP_DAYS * 86_400_000)

const ID_BYTES = 16
const HEAD_BYTES = ID_BYTES + 4
const SEAL_BYTES = 32

export interface SetupOptions {
  secrets?: Secrets
  now?: (() => number) | undefined
}

export function createSetups(sql: Queryable, { secrets = unkept, now = Date.now }: SetupOptions = {}): Setups {
  let secret: Promise<Uint8Array> | undefined

  async function seal(head: Uint8Array, hash: string | undefined): Promise<Buffer> {
    secret ??= readSecret(sql, secrets).catch((error) => {
      secret = undefined
      throw error
    })
    return createHmac('sha256', await secret)
      .update(head)
      .update(hash ?? '')
      .digest()
  }

  return {
    async issue(userId, expiresAt, hash) {
      const seconds = Math.floor(expiresAt.getTime() / 1000)
      const head = Buffer.alloc(HEAD_BYTES)
      head.set(uuidBytes(userId))
      head.writeUInt32BE(seconds, ID_BYTES)
      return {
        setupToken: Buffer.concat([head, await seal(head, hash)]).toString('base64url'),
        expiresAt: new Date(seconds * 1000).toISOString(),
      }
    },

    read(token) {
      const bytes = Buffer.from(token, 'base64url')
      if (bytes.length !== HEAD_BYTES + SEAL_BYTES || bytes.toString('base64url') !== token) return undefined
      const head = bytes.subarray(0, HEAD_BYTES)
      if (head.readUInt32BE(ID_BYTES) * 1000 <= now()) return undefined
      return {
        userId: uuidText(head.subarray(0, ID_BYTES)),
        sealedFor: async (hash) => timingSafeEqual(await seal(head, hash), bytes.subarray(HEAD_BYTES)),
      }
    },
  }
}

/** Made by whichever process needs it first. */
async function readSecret(sql: Queryable, secrets: Secrets): Promise<Uint8Array> {
  await sql.query(`INSERT INTO seals (name, value) VALUES ('setup', $1) ON CONFLICT DO NOTHING`, [randomBytes(32)])
  await secrets.keep('seals')
  const [row] = await sql.query<{ value: Uint8Array }>(`SELECT value FROM seals WHERE name = 'setup'`)
  if (!row) throw new Error('the seal of setup tokens is not there')
  return row.value
}

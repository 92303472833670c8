import { randomUUID } from 'node:crypto'
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import type { Queryable, Sql } from '../../platform/sql/port.ts'
import { type Secrets, unkept } from '../../platform/sql/secrets.ts'

/** What signs tokens now. */
export interface SigningKey {
  kid: string
  key: CryptoKey
}

export interface Keys {
  current(): Promise<SigningKey>
  /** Moves keys on where it is time: next becomes current, current retired, and a retired one goes once no token of it can live. */
  rotate(): Promise<void>
}

export interface KeyOptions {
  /** A key signs for so long; the next one is published all that time before it signs. */
  lifeMs?: number
  /** A key that signs no more is published for so long: longer than any token lives. */
  retirementMs?: number
  secrets?: Secrets
}

const DAY = 86_400_000
/** How long a key is signed with that another process may have retired: far less than its retirement. */
const HELD_MS = 60_000

/** Ed25519 keys in Postgres, one current and one next: made when they are first needed, by whichever process comes first. */
export function createKeys(sql: Sql, options: KeyOptions = {}): Keys {
  const { lifeMs = 30 * DAY, retirementMs = DAY, secrets = unkept } = options
  let held: (SigningKey & { until: number }) | undefined

  async function read(): Promise<SigningKey | undefined> {
    const [row] = await sql.query<{ kid: string; private_key: JWK }>(
      `SELECT kid, private_key FROM signing_keys WHERE state = 'current'`,
    )
    return row && { kid: row.kid, key: (await importJWK(row.private_key, 'Ed25519')) as CryptoKey }
  }

  async function ensure(): Promise<SigningKey> {
    await sql.transaction(async (tx) => {
      await lock(tx)
      for (const state of ['current', 'next']) {
        const present = await tx.query('SELECT 1 FROM signing_keys WHERE state = $1', [state])
        if (present.length === 0) await make(tx, state)
      }
    })
    await secrets.keep('signing_keys')
    const key = await read()
    if (!key) throw new Error('the signing key that was just made is not there')
    return key
  }

  return {
    async current() {
      const now = performance.now()
      if (held && held.until > now) return held
      held = { ...((await read()) ?? (await ensure())), until: now + HELD_MS }
      return held
    },

    async rotate() {
      await ensure()
      await sql.transaction(async (tx) => {
        await lock(tx)
        await tx.query(
          `DELETE FROM signing_keys WHERE state = 'retired' AND since < now() - make_interval(secs => $1)`,
          [retirementMs / 1000],
        )
        const retired = await tx.query(
          `UPDATE signing_keys SET state = 'retired', private_key = NULL, since = now()
            WHERE state = 'current' AND since < now() - make_interval(secs => $1) RETURNING 1`,
          [lifeMs / 1000],
        )
        if (retired.length === 0) return
        await tx.query(`UPDATE signing_keys SET state = 'current', since = now() WHERE state = 'next'`)
        await make(tx, 'next')
        held = undefined
      })
      await secrets.keep('signing_keys')
    },
  }
}

const lock = (tx: Queryable) => tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('signing_keys', 0))`)

async function make(tx: Queryable, state: string): Promise<void> {
  const { publicKey, privateKey } = await generateKeyPair('Ed25519', { extractable: true })
  await tx.query('INSERT INTO signing_keys (kid, state, public_key, private_key) VALUES ($1, $2, $3, $4)', [
    randomUUID(),
    state,
    await exportJWK(publicKey),
    await exportJWK(privateKey),
  ])
}

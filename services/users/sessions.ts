import type { Buffer } from 'node:buffer'
import { createHash, randomBytes } from 'node:crypto'
import { newId } from '../../platform/ids.ts'
import type { Queryable, Sql } from '../../platform/sql/port.ts'
import { type Secrets, unkept } from '../../platform/sql/secrets.ts'

/**
 * Sessions: families of refresh tokens. A token is good for one use; a second use ends the whole family. What is told of them
 * is kept: a session that has ended does not begin again.
 */
export interface Sessions {
  /**
   * Begins one for a login that was verified against this hash; undefined where the password has changed since. The
   * token is told here and nowhere else.
   */
  begin(userId: string, hash: string): Promise<Started | undefined>
  /** Uses a token up. Undefined for one that is unknown, expired, revoked or used before; the last ends its session. */
  renew(token: string): Promise<Started | undefined>
  end(session: string): Promise<void>
}

export interface Started {
  session: string
  userId: string
  refreshToken: string
}

export interface SessionOptions {
  /** A session ends when it is not renewed for so long. */
  idleMs?: number
  /** A client that lost the answer may send the same token again for so long, while nobody used the one that it was answered. */
  graceMs?: number
  secrets?: Secrets
}

export function createSessions(sql: Sql, options: SessionOptions = {}): Sessions {
  const { idleMs = 30 * 86_400_000, graceMs = 10_000, secrets = unkept } = options
  const idle = idleMs / 1000
  const grace = graceMs / 1000

  async function keep(session: string, tokens: readonly Uint8Array[]): Promise<void> {
    await secrets.keep('sessions', [session])
    if (tokens.length > 0) await secrets.keep('refresh_tokens', tokens)
  }

  return {
    async begin(userId, hash) {
      const started = await sql.transaction(async (tx) => {
        // Held until the commit: a change of the password ends this session too, or comes before it.
        const stands = await tx.query('SELECT 1 FROM credentials WHERE user_id = $1 AND password_hash = $2 FOR SHARE', [
          userId,
          hash,
        ])
        if (stands.length === 0) return undefined
        const session = newId()
        await tx.query(
          `INSERT INTO sessions (id, user_id, expires_at) VALUES ($1, $2, now() + make_interval(secs => $3))`,
          [session, userId, idle],
        )
        return { session, userId, refreshToken: await give(tx, session, null) }
      })
      if (started) await keep(started.session, [digest(started.refreshToken)])
      return started
    },

    async renew(token) {
      const hash = digest(token)
      const renewed = await sql.transaction(async (tx) => {
        const family = await lockFamily(tx, hash)
        if (!family) return undefined
        const { session, userId } = family
        const use = await judge(tx, hash, grace)
        if (use === 'reused') {
          await tx.query('UPDATE sessions SET revoked_at = clock_timestamp() WHERE id = $1', [session])
          return { session, tokens: [] }
        }
        // With a token its siblings are used too: of several answers to one token the first that is used is the one.
        const used = use === 'fresh' ? await useAll(tx, session) : []
        await tx.query('UPDATE sessions SET expires_at = now() + make_interval(secs => $2) WHERE id = $1', [
          session,
          idle,
        ])
        const refreshToken = await give(tx, session, hash)
        return { session, tokens: [...used, digest(refreshToken)], started: { session, userId, refreshToken } }
      })
      if (renewed) await keep(renewed.session, renewed.tokens)
      return renewed?.started
    },

    async end(session) {
      await sql.query('UPDATE sessions SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL', [
        session,
      ])
      await secrets.keep('sessions', [session])
    },
  }
}

/** Ends all sessions of a user, but the one given; those that it ended are to be kept once it is committed. */
export async function endSessions(tx: Queryable, userId: string, but?: string): Promise<string[]> {
  const ended = await tx.query<{ id: string }>(
    `UPDATE sessions SET revoked_at = clock_timestamp()
      WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $2::uuid RETURNING id`,
    [userId, but ?? null],
  )
  return ended.map(({ id }) => id)
}

async function useAll(tx: Queryable, session: string): Promise<Uint8Array[]> {
  const used = await tx.query<{ hash: Uint8Array }>(
    'UPDATE refresh_tokens SET used_at = clock_timestamp() WHERE session_id = $1 AND used_at IS NULL RETURNING hash',
    [session],
  )
  return used.map(({ hash }) => hash)
}

/** The living session that a token is of, locked: its tokens are used one after another. */
async function lockFamily(tx: Queryable, hash: Uint8Array): Promise<{ session: string; userId: string } | undefined> {
  const [row] = await tx.query<{ session: string; user: string }>(
    `SELECT id AS session, user_id AS user FROM sessions
      WHERE id = (SELECT session_id FROM refresh_tokens WHERE hash = $1) AND revoked_at IS NULL AND expires_at > now()
        FOR UPDATE`,
    [hash],
  )
  return row && { session: row.session, userId: row.user }
}

/** In a statement of its own, so that it sees what was committed while the lock was waited for. */
async function judge(tx: Queryable, hash: Uint8Array, grace: number): Promise<'fresh' | 'graced' | 'reused'> {
  const [row] = await tx.query<{ fresh: boolean; graced: boolean }>(
    `SELECT used_at IS NULL AS fresh,
            used_at > clock_timestamp() - make_interval(secs => $2)
              AND EXISTS (SELECT 1 FROM refresh_tokens child WHERE child.parent = token.hash AND child.used_at IS NULL) AS graced
       FROM refresh_tokens token WHERE hash = $1`,
    [hash, grace],
  )
  if (row?.fresh) return 'fresh'
  return row?.graced ? 'graced' : 'reused'
}

/** 256 random bits; what is kept of them is their SHA-256. */
async function give(tx: Queryable, session: string, parent: Uint8Array | null): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await tx.query('INSERT INTO refresh_tokens (hash, session_id, parent) VALUES ($1, $2, $3)', [
    digest(token),
    session,
    parent,
  ])
  return token
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest()

import type { Queryable } from '../sql/port.ts'
import type { Actor } from './actor.ts'

/** What was revoked lately: only tokens younger than they live can be asked about. */
export interface Revocations {
  /** Learns what was revoked since the last time it was asked. */
  poll(): Promise<void>
  /** True once a poll was answered. */
  ready(): boolean
  revoked(actor: Actor): boolean
}

/** Longer than a token lives, with its tolerance. */
const WINDOW_MS = 900_000
/** What a transaction wrote is seen when it commits: this much later at most. */
const OVERLAP = "interval '30 seconds'"

export function createRevocations(sql: Queryable): Revocations {
  const sessions = new Map<string, number>()
  /** The role that a user has now; none for a removed one. */
  const users = new Map<string, { role: string | null; until: number }>()
  /** When the last poll was answered, by the clock of Postgres. */
  let polledAt: string | undefined

  function forget(now: number): void {
    for (const [session, until] of sessions) if (until < now) sessions.delete(session)
    for (const [user, { until }] of users) if (until < now) users.delete(user)
  }

  return {
    async poll() {
      const rows = await sql.query<RevocationRow>(
        `WITH since AS (SELECT coalesce($1::timestamptz - ${OVERLAP}, now() - $2::int * interval '1 millisecond') AS at)
         SELECT now() AS "polledAt", NULL::uuid AS session, NULL::uuid AS "user", NULL::text AS role
         UNION ALL SELECT NULL, id, NULL, NULL FROM sessions, since WHERE revoked_at > since.at
         UNION ALL SELECT NULL, NULL, id, CASE WHEN NOT deleted THEN role END FROM users, since
          WHERE access_changed_at > since.at`,
        [polledAt ?? null, WINDOW_MS],
        'revocations',
      )
      const now = performance.now()
      const until = now + WINDOW_MS
      for (const { session, user, role } of rows) {
        if (session) sessions.set(session, until)
        if (user) users.set(user, { role, until })
      }
      polledAt = rows.find((row) => row.polledAt)?.polledAt ?? polledAt
      forget(now)
    },

    ready: () => polledAt !== undefined,

    /** A token that says another role than its user has is revoked too: the next one says the right one. */
    revoked({ id, role, session }) {
      if (sessions.has(session)) return true
      const user = users.get(id)
      return user !== undefined && user.role !== role
    },
  }
}

type RevocationRow = { polledAt: string | null; session: string | null; user: string | null; role: string | null }

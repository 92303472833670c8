import type { SecretTable } from '../platform/sql/secrets.ts'

/** What is in Postgres and on no log. A table of secrets that is added is named here, or a power cut takes it from embedded installations. */
export const secretTables: readonly SecretTable[] = [
  { table: 'system', key: 'name', type: 'text', only: `name = 'operation_secret'` },
  { table: 'credentials', key: 'user_id', type: 'uuid' },
  { table: 'sessions', key: 'id', type: 'uuid' },
  { table: 'refresh_tokens', key: 'hash', type: 'bytea', only: 'session_id IN (SELECT id FROM sessions)' },
  { table: 'signing_keys', key: 'kid', type: 'text' },
  { table: 'seals', key: 'name', type: 'text' },
]

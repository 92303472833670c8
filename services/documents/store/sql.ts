import type { Queryable } from '../../../platform/sql/port.ts'
import type { StoredDocument } from '../schema.ts'
import type { DocumentStore } from './port.ts'

type Row = { data: StoredDocument }

export function sqlDocuments(sql: Queryable): DocumentStore {
  return {
    async byId(id) {
      const [row] = await sql.query<Row>('SELECT data FROM documents WHERE id = $1', [id], 'document-by-id')
      return row?.data
    },
    async list({ owner, descending, from, limit }) {
      const order = descending ? 'DESC' : 'ASC'
      const after = from ? `AND (created_at, id) ${descending ? '<' : '>'} ($3, $4::uuid)` : ''
      const rows = await sql.query<Row>(
        `SELECT data FROM documents WHERE owner_id = $1 AND NOT deleted ${after}
          ORDER BY created_at ${order}, id ${order} LIMIT $2`,
        [owner, limit, ...(from ?? [])],
        `documents-${order}${from ? '-from' : ''}`,
      )
      return rows.map(({ data }) => data)
    },
  }
}

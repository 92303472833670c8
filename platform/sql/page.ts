export interface PageAsked {
  table: string
  /** Conditions that all hold; what is undefined or false is none. `param` puts a value into the statement. */
  where: (param: (value: unknown) => string) => readonly (string | false | undefined)[]
  sort: { column: string; descending: boolean }
  /** The sort key and the id behind which it begins. */
  from: readonly [key: string, id: string] | undefined
  limit: number
}

/** The statement for the `data` of a page of entities, by (column, id). */
export function pageStatement({ table, where, sort, from, limit }: PageAsked): { text: string; params: unknown[] } {
  const params: unknown[] = []
  const param = (value: unknown) => `$${params.push(value)}`
  const { column, descending } = sort
  const [order, beyond] = descending ? ['DESC', '<'] : ['ASC', '>']
  const conditions = [
    ...where(param),
    from && `(${column}, id) ${beyond} (${param(from[0])}, ${param(from[1])}::uuid)`,
  ].filter(Boolean)
  return {
    text: `SELECT data FROM ${table} WHERE ${conditions.join(' AND ')}
            ORDER BY ${column} ${order}, id ${order} LIMIT ${param(limit)}`,
    params,
  }
}

/** The condition that one of these columns is like the mask. */
export const likeAny = (columns: readonly string[], mask: string): string =>
  `(${columns.map((column) => `${column} LIKE ${mask}`).join(' OR ')})`

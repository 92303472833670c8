/** JSON text that is the same for equal values, whatever order their members were given in. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, (_, member) => sorted(member))

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

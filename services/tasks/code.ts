/** Codes of tasks: `APOLLO-12`. */
export const formatCode = (key: string, number: number): string => `${key}-${number}`

/** The key and the number of what looks like a code, in any case; undefined for anything else. */
export function parseCode(text: string): { key: string; number: number } | undefined {
  const [, key, digits] = /^([a-z][a-z0-9]{1,9})-([1-9]\d{0,8})$/i.exec(text) ?? []
  return key && digits ? { key: key.toUpperCase(), number: Number(digits) } : undefined
}

/** Anything may be thrown; this is what is told of it. */

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** What it says, for people and for logs. */
export const sentenceOf = (thrown: unknown): string => asError(thrown).message

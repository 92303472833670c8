/** Compares what a text says is printed with what is printed, where ids, times and tokens are others each time. */
export interface Comparison {
  /** The text, with what came for them in place of the ids and tokens that stood in it before. */
  now(text: string): string
  /** What may come for the text: `…` is anything within a line, and what is the same twice is the same then, too. */
  patternOf(text: string): RegExp
  /** Remembers what came for the ids, times and tokens of a text that is matched. */
  learn(text: string, actual: string): void
}

export const UUID = String.raw`[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}`
export const MOMENT = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`
const TOKEN = String.raw`(?<=consistency-token: |"token":"|"operation":"|operations/)[\w-]+`
const ETAG = String.raw`(?<=etag: "\d+-)[\da-f]{12}`
const VARYING = new RegExp(`(${UUID}|${MOMENT}|${TOKEN}|${ETAG})`)

export function createComparison(): Comparison {
  const known = new Map<string, string>()

  return {
    now: (text) => text.split(VARYING).map(nowOf).join(''),
    patternOf: (text) => patternAnd(text).pattern,
    learn(text, actual) {
      const { pattern, varying } = patternAnd(text)
      const [, ...found] = pattern.exec(actual) ?? []
      for (const [at, part] of varying.entries()) known.set(part, found[at]!)
    },
  }

  function nowOf(part: string): string {
    return known.get(part) ?? part
  }

  /** @returns also what is not known yet, as the pattern captures it */
  function patternAnd(text: string): { pattern: RegExp; varying: string[] } {
    const varying: string[] = []
    const sources = text.split(VARYING).map((part, at) => {
      if (at % 2 === 0) return part.split('…').map(escaped).join('.*')
      if (known.has(part)) return escaped(nowOf(part))
      if (varying.includes(part)) return `\\${varying.indexOf(part) + 1}`
      varying.push(part)
      return '([\\w:.-]+)'
    })
    return { pattern: new RegExp(`^${sources.join('')}$`), varying }
  }
}

export const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')

/** What a page of metrics says, as Prometheus reads it. */
export interface Exported {
  /** The labels of each series name: `trefoil_x_bucket` is one. */
  labels: ReadonlyMap<string, ReadonlySet<string>>
  /** By metric. */
  help: ReadonlyMap<string, string>
  type: ReadonlyMap<string, string>
}

export function readPage(text: string): Exported {
  const labels = new Map<string, Set<string>>()
  for (const [, name = '', list = ''] of text.matchAll(/^([a-z_:][\w:]*)(?:\{(.*)\})? \S+$/gim)) {
    const known = labels.get(name) ?? new Set()
    labels.set(name, known)
    for (const [, label = ''] of list.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) known.add(label)
  }
  const comments = (kind: string) =>
    new Map(
      [...text.matchAll(new RegExp(`^# ${kind} (\\S+) (.*)$`, 'gm'))].map(([, name = '', said = '']) => [name, said]),
    )
  return { labels, help: comments('HELP'), type: comments('TYPE') }
}

/** A query, taken apart as far as our own are written: every series with its braces, every grouping by `by` or `on`. */
export interface Query {
  series: { name: string; labels: string[] }[]
  grouped: string[]
  /** What is left and should not be: a name without braces. */
  stray: string[]
}

export function readQuery(expr: string): Query {
  const plain = expr.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\[[^\]]*\]/g, '')
  const series = [...plain.matchAll(/([a-z_:][\w:]*)\{([^}]*)\}/gi)].map(([, name = '', list = '']) => ({
    name,
    labels: namesIn(list.replace(/""/g, '')),
  }))
  const grouping = /\b(?:by|on)\s*\(([^)]*)\)/g
  const grouped = [...plain.matchAll(grouping)].flatMap(([, list = '']) => namesIn(list))
  const rest = plain.replace(/[a-z_:][\w:]*\{[^}]*\}/gi, '').replace(grouping, '')
  const stray = namesIn(rest.replace(/[a-z_]\w*\s*\(/gi, '(')).filter((word) => !WORDS.has(word))
  return { series, grouped, stray }
}

const namesIn = (text: string): string[] => text.match(/[a-z_][\w:]*/gi) ?? []
const WORDS = new Set(['and', 'or', 'unless', 'sum', 'min', 'max', 'topk'])

/** What Prometheus adds to every series. */
export const ADDED = ['instance', 'job']

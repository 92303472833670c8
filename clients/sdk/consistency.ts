/**
 * Consistency tokens: how much of the log a client has seen, as base64url of a version byte and, by rising partition,
 * pairs of varints (partition, last offset). To users of the SDK they are opaque. However many are merged, the result
 * has one pair for each partition: some hundred characters at most.
 */
type Seen = ReadonlyMap<number, number>

const VERSION = 1

/** What was seen by either. The later one where they cannot be read: what a server answers covers what it was sent. */
export function mergeTokens(held: string | undefined, later: string): string {
  if (held === undefined || held === later) return later
  const [one, other] = [parse(held), parse(later)]
  if (!one || !other) return later
  const merged = new Map(one)
  for (const [partition, offset] of other) merged.set(partition, Math.max(offset, merged.get(partition) ?? 0))
  return format(merged)
}

function format(seen: Seen): string {
  const bytes = [VERSION]
  for (const [partition, offset] of [...seen].sort(([a], [b]) => a - b)) {
    writeVarint(bytes, partition)
    writeVarint(bytes, offset)
  }
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

function parse(token: string): Seen | undefined {
  if (!/^[\w-]+$/.test(token) || token.length % 4 === 1) return undefined
  const binary = atob(token.replaceAll('-', '+').replaceAll('_', '/'))
  if (binary.charCodeAt(0) !== VERSION) return undefined
  const seen = new Map<number, number>()
  for (let at = 1; at < binary.length; ) {
    const partition = readVarint(binary, at)
    const offset = partition && readVarint(binary, partition.end)
    if (!offset) return undefined
    seen.set(partition.value, offset.value)
    at = offset.end
  }
  return seen
}

function writeVarint(bytes: number[], value: number): void {
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
}

/** Undefined where the bytes end before the number does. */
function readVarint(binary: string, start: number): { value: number; end: number } | undefined {
  let value = 0
  for (let at = start, factor = 1; at < binary.length; at++, factor *= 0x80) {
    const byte = binary.charCodeAt(at)
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value, end: at + 1 }
  }
  return undefined
}

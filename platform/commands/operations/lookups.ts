/**
 * Look-ups gathered into queries: one runs, one waits. Whoever comes while a query runs goes into the next, because
 * the one that runs may already have missed what he asks for.
 */
export interface LookupOptions<K, V> {
  nameOf(key: K): string
  /** One query; what is not found is left out. */
  load(keys: readonly K[]): Promise<Map<string, V>>
  perQuery: number
  /** Keys that may wait; one more is refused. */
  maxWaiting: number
  refusal(): Error
}

interface Lookup<K, V> {
  key: K
  promise: Promise<V | undefined>
  resolve(value: V | undefined): void
  reject(error: unknown): void
}

export function createLookups<K, V>(options: LookupOptions<K, V>): (key: K) => Promise<V | undefined> {
  const { nameOf, load, perQuery, maxWaiting, refusal } = options
  const waiting = new Map<string, Lookup<K, V>>()
  let running = false

  async function run(): Promise<void> {
    running = true
    await undefined // whoever was woken by the same watermark asks within this same turn
    while (waiting.size > 0) await query(takeSome())
    running = false
  }

  function takeSome(): Map<string, Lookup<K, V>> {
    const taken = new Map([...waiting].slice(0, perQuery))
    for (const name of taken.keys()) waiting.delete(name)
    return taken
  }

  async function query(lookups: ReadonlyMap<string, Lookup<K, V>>): Promise<void> {
    try {
      const found = await load([...lookups.values()].map(({ key }) => key))
      for (const [name, { resolve }] of lookups) resolve(found.get(name))
    } catch (error) {
      for (const { reject } of lookups.values()) reject(error)
    }
  }

  return (key) => {
    const name = nameOf(key)
    const there = waiting.get(name)
    if (there) return there.promise
    if (waiting.size >= maxWaiting) return Promise.reject(refusal())
    const lookup = createLookup<K, V>(key)
    waiting.set(name, lookup)
    if (!running) void run()
    return lookup.promise
  }
}

function createLookup<K, V>(key: K): Lookup<K, V> {
  const lookup = { key } as Lookup<K, V>
  lookup.promise = new Promise((resolve, reject) => {
    lookup.resolve = resolve
    lookup.reject = reject
  })
  return lookup
}

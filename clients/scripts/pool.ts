/**
 * Works through the items, so many at a time. The first failure, or the signal, ends the taking of further items; what is
 * under way is finished before either is thrown.
 */
export async function inParallel<Item>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const rest = items[Symbol.iterator]()
  const failures: unknown[] = []

  async function worker(): Promise<void> {
    while (failures.length === 0 && !signal?.aborted) {
      const next = rest.next()
      if (next.done) return
      await work(next.value).catch((error: unknown) => failures.push(error))
    }
  }

  await Promise.all(Array.from({ length: limit }, worker))
  if (failures.length > 0) throw failures[0]
  signal?.throwIfAborted()
}

export function* upTo(count: number): Generator<number> {
  for (let number = 0; number < count; number++) yield number
}

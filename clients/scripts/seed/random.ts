/** Chance that depends on nothing but the words that it is made of. */
export interface Chance {
  /** A whole number from 0 up to, not including, `count`. */
  below(count: number): number
  pick<Item>(items: readonly [Item, ...Item[]]): Item
  /** That many different numbers below `count`, all of them where there are no more. */
  some(howMany: number, count: number): number[]
}

export function chanceOf(...words: readonly (string | number)[]): Chance {
  const next = mulberry32(fnv1a(words.join('/')))
  const below = (count: number) => Math.floor(next() * count)
  return {
    below,
    pick: (items) => items[below(items.length)]!,
    some(howMany, count) {
      const chosen = new Set<number>()
      while (chosen.size < Math.min(howMany, count)) chosen.add(below(count))
      return [...chosen]
    },
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

/** Good enough for names and dates, and the same on every runtime. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

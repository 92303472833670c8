import { check } from './trouble.ts'

interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

/** All items of a list, page by page. @throws WrongAnswer where an item comes twice */
export async function* itemsOf<Item extends { id: string }>(
  load: (page: { limit: number; cursor?: string }) => Promise<Page<Item>>,
  limit = 100,
): AsyncGenerator<Item> {
  const seen = new Set<string>()
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Page<Item> = await load({ limit, ...(cursor !== undefined && { cursor }) })
    check(Array.isArray(page?.items), 'A list was answered without its items.')
    check(page.items.length <= limit, `A page of at most ${limit} has ${page.items.length} items.`)
    for (const item of page.items) {
      check(!seen.has(item.id), `${item.id} stands in a list twice.`)
      seen.add(item.id)
      yield item
    }
    check(page.items.length > 0 || page.nextCursor === null, 'An empty page has a next one.')
    cursor = page.nextCursor
  }
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

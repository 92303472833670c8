export interface Page<Item> {
  items: Item[]
  /** Null on the last page. */
  nextCursor: string | null
}

/** Page by page, each loaded when it is asked for and not before. */
export async function* pagesOf<Item>(
  load: (cursor: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Page<Item>, void> {
  let cursor: string | undefined
  do {
    const page = await load(cursor)
    yield page
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}

/** Item by item; the next page is loaded once the last item of this one is done with. */
export async function* itemsOf<Item>(pages: AsyncIterable<Page<Item>>): AsyncGenerator<Item, void> {
  for await (const { items } of pages) yield* items
}

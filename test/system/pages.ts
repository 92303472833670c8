interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

/** All items of a list, page by page, with something done between the pages. */
export async function walkPages<Item>(
  load: (cursor: { cursor?: string }) => Promise<Page<Item>>,
  meanwhile: () => Promise<unknown> = async () => {},
): Promise<Item[]> {
  const all: Item[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Page<Item> = await load(cursor === undefined ? {} : { cursor })
    all.push(...page.items)
    cursor = page.nextCursor
    if (cursor !== null) await meanwhile()
  }
  return all
}

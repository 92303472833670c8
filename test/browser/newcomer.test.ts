import { beforeAll, describe, expect, test } from 'vitest'
import { openApiOfAll } from '../../services/openapi.ts'
import { admin, startFresh } from '../system.ts'
import { openDocs } from './docs.ts'

/** What nobody can name before it is made. */
const unnamed: readonly string[] = ['/mongo/{id}', '/operations/{id}']
/** Lists of what is one's own, of which the admin has nothing yet. */
const own: readonly string[] = ['/mongo', '/tasks/mine']

const reads = Object.entries(openApiOfAll().paths)
  .filter(([path, methods]) => methods.get && !unnamed.includes(path))
  .map(([path]) => path)

describe('whoever has just started Trefoil, and presses Try it out and Execute in /docs, and fills in nothing', () => {
  const docs = openDocs(startFresh)
  beforeAll(async () => {
    await docs.ui.authorize(admin)
  })

  test('has lists and single things to read', () => {
    expect(reads).toEqual(expect.arrayContaining(['/users', '/projects', '/tasks', '/tasks/{id}']))
  })

  test.each(reads)('finds something at GET %s', async (path) => {
    const { status, text, block } = await docs.ui.execute(`GET ${path}`, {})
    expect(status, text).toBe(200)
    const found = JSON.parse(text) as { items?: unknown[] }
    if (found.items && !own.includes(path)) expect(found.items).not.toEqual([])
    await block.locator('.live-responses-table').evaluate((table) => table.scrollIntoView())
    await docs.tab.photograph(`newcomer${path.replaceAll(/[^a-z]+/g, '-')}`)
    await block.locator('.opblock-summary-control').click() // or the page would have ever more to show
  })
})

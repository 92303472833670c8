import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApiOfAll } from '../../services/openapi.ts'
import { admin, type System, startFresh } from '../system.ts'
import { openChromium, openTab, type Tab } from './chromium.ts'
import { type SwaggerUi, swaggerUi } from './swagger-ui.ts'

/** What nobody can name before it is made. */
const unnamed: readonly string[] = ['/mongo/{id}', '/operations/{id}']
/** Lists of what is one's own, of which the admin has nothing yet. */
const own: readonly string[] = ['/mongo', '/tasks/mine']

const reads = Object.entries(openApiOfAll().paths)
  .filter(([path, methods]) => methods.get && !unnamed.includes(path))
  .map(([path]) => path)

describe('whoever has just started Trefoil, and presses Try it out and Execute in /docs, and fills in nothing', () => {
  let system: System
  let browser: Browser
  let tab: Tab
  let ui: SwaggerUi
  beforeAll(async () => {
    browser = await openChromium()
    system = await startFresh()
    tab = await openTab(browser)
    ui = swaggerUi(tab.page)
    await ui.open(system.url)
    await ui.authorize(admin)
  })
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
  })

  test('has lists and single things to read', () => {
    expect(reads).toEqual(expect.arrayContaining(['/users', '/projects', '/tasks', '/tasks/{id}']))
  })

  test.each(reads)('finds something at GET %s', async (path) => {
    const { status, text, block } = await ui.execute(`GET ${path}`, {})
    expect(status, text).toBe(200)
    const found = JSON.parse(text) as { items?: unknown[] }
    if (found.items && !own.includes(path)) expect(found.items).not.toEqual([])
    await block.locator('.live-responses-table').evaluate((table) => table.scrollIntoView())
    await tab.photograph(`newcomer${path.replaceAll(/[^a-z]+/g, '-')}`)
    await block.locator('.opblock-summary-control').click() // or the page would have ever more to show
  })
})

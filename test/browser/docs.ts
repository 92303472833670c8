import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import type { StartSystem, System } from '../system.ts'
import { openChromium, openTab, type Tab } from './chromium.ts'
import { type SwaggerUi, swaggerUi } from './swagger-ui.ts'

/** /docs of a system in a browser, for all tests of a group: there once they run. */
export interface Docs {
  system: System
  browser: Browser
  tab: Tab
  ui: SwaggerUi
}

export function openDocs(start: StartSystem): Docs {
  const docs = {} as Docs
  beforeAll(async () => {
    docs.browser = await openChromium()
    docs.system = await start()
    docs.tab = await openTab(docs.browser)
    docs.ui = swaggerUi(docs.tab.page)
    await docs.ui.open(docs.system.url)
  })
  afterAll(async () => {
    await docs.browser?.close()
    await docs.system?.stop()
  })
  return docs
}

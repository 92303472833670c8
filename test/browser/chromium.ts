import { existsSync } from 'node:fs'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type Browser, chromium, type Page } from 'playwright-core'

/** @throws Error where there is none, saying what to install */
export async function openChromium(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(executablePath)) {
    throw new Error(`${executablePath} is not there: apt-get install chromium, or set CHROMIUM to where one is`)
  }
  // Root, as which CI runs, has no sandbox; /dev/shm is small in containers.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

/** A page, and what has gone on in it that nobody sees. */
export interface Tab {
  page: Page
  /** Addresses of all requests. */
  requests: string[]
  /** Errors and warnings of the console, and exceptions. */
  complaints: string[]
  /** Keeps what the page looks like under that name. */
  photograph(name: string): Promise<void>
}

export async function openTab(browser: Browser, width = 1280): Promise<Tab> {
  const page = await browser.newPage({ viewport: { width, height: 900 } })
  page.setDefaultTimeout(30_000)
  const requests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`)
  })
  const folder = await album()
  return {
    page,
    requests,
    complaints,
    async photograph(name) {
      await page.screenshot({ path: join(folder, `${name}.png`), fullPage: false })
    },
  }
}

/** Where the pictures go: SCREENSHOTS, or a folder of this run. */
let folder: Promise<string> | undefined
function album(): Promise<string> {
  const wanted = process.env.SCREENSHOTS
  folder ??= wanted ? mkdir(wanted, { recursive: true }).then(() => wanted) : mkdtemp(join(tmpdir(), 'trefoil-pages-'))
  return folder
}

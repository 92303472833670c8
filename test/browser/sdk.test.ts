import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type * as sdk from '../../clients/sdk/mod.ts'
import { root } from '../architecture/sources.ts'
import { packSdk } from '../sdk-package/pack.ts'
import { seen } from '../sdk-package/visits.ts'
import { unique } from '../system/people.ts'
import { admin, type System, startEmbedded } from '../system.ts'
import { type App, openApp } from './app.ts'
import { openChromium, openTab, type Tab } from './chromium.ts'

/** What the script of the page has put there. */
declare const trefoil: typeof sdk & { visit(of: { url: string; password: string; name: string }): Promise<unknown> }

const folder = mkdtempSync(join(tmpdir(), 'trefoil-app-'))
let browser: Browser
let system: System
let elsewhere: App
let behindGateway: App
let unknown: App
beforeAll(async () => {
  const script = await bundle()
  elsewhere = await openApp(script)
  unknown = await openApp(script)
  behindGateway = await openApp(script, () => system.url)
  system = await startEmbedded({ CORS_ORIGINS: elsewhere.origin })
  browser = await openChromium()
})
afterAll(async () => {
  await browser?.close()
  await Promise.all([elsewhere, behindGateway, unknown].map((app) => app?.close()))
  await system?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('the packed SDK in a page', () => {
  const places = [
    { where: 'of another origin', app: () => elsewhere, url: () => system.url },
    { where: 'of the same origin', app: () => behindGateway, url: () => behindGateway.origin },
  ]

  test.each(places)('$where does all that it does on Node', async ({ app, url }) => {
    const tab = await open(app())
    const visit = { url: url(), password: admin.password, name: unique('page') }
    expect(await tab.page.evaluate((visit) => trefoil.visit(visit), visit)).toEqual(seen)
    // The browser itself says so of a login that is refused, and of a move.
    expect(tab.complaints.map((text) => /status of (\d+)/.exec(text)?.[1] ?? text)).toEqual(['401', '409'])
    const hosts = new Set(
      tab.requests.filter((request) => !request.startsWith('data:')).map((at) => new URL(at).origin),
    )
    expect(hosts).toEqual(new Set([app().origin, url()]))
    await tab.page.close()
  })

  test.each(places)('$where ends a request that is under way when it is aborted', async ({ app, url }) => {
    const tab = await open(app())
    await tab.page.route('**/trpc/users.me*', () => undefined) // no answer ever
    const failed = tab.page.waitForEvent('requestfailed', (request) => request.url().includes('users.me'))
    const asked = tab.page.waitForRequest('**/trpc/users.me*')
    const code = tab.page.evaluate(async (url) => {
      const controller = new AbortController()
      Object.assign(globalThis, { controller })
      const client = trefoil.createClient({ url, auth: 'a token' })
      const [, error] = await trefoil.safe(client.users.me.query({}, { signal: controller.signal }))
      return error?.code
    }, url())
    await asked
    await tab.page.evaluate(() => (globalThis as unknown as { controller: AbortController }).controller.abort())
    expect(await code).toBe('client.aborted')
    expect((await failed).failure()?.errorText).toBe('net::ERR_ABORTED')
    await tab.page.close()
  })

  test('of another origin reads what is in the headers of an answer', async () => {
    const tab = await open(elsewhere)
    const visit = { url: system.url, password: admin.password, name: unique('token') }
    const [token, named] = await tab.page.evaluate(async ({ url, password, name }) => {
      const client = trefoil.createClient({ url })
      await client.login({ username: 'admin', password })
      await client.projects.create.mutate({ name })
      const { headers } = await fetch(`${url}/openapi.json`)
      return [client.token, [...headers.keys()]]
    }, visit)
    expect(token).toEqual(expect.any(String))
    expect(named).toEqual(expect.arrayContaining(['etag', 'x-request-id']))
    await tab.page.close()
  })

  // What one tab writes comes to the other a moment later: the other may refresh once more, with the same token.
  test('in two tabs that share a session goes on with what either has refreshed', async () => {
    const context = await browser.newContext()
    const refreshes: string[] = []
    context.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('users.refresh')) refreshes.push(request.url())
    })
    const tabs = [await context.newPage(), await context.newPage()]
    await Promise.all(tabs.map((page) => page.goto(`${elsewhere.origin}/app`)))
    const login = { url: system.url, password: admin.password }
    await tabs[0]!.evaluate(async ({ url, password }) => {
      const session = await trefoil.createClient({ url }).login({ username: 'admin', password })
      localStorage.setItem('session', JSON.stringify({ ...session, expiresAt: 0 }))
    }, login)
    const kept = () => localStorage.getItem('session')
    const agreed = () =>
      expect.poll(async () => new Set(await Promise.all(tabs.map((page) => page.evaluate(kept)))).size).toBe(1)
    const ask = async (url: string) => {
      const shared: sdk.SessionStore = {
        load: () => JSON.parse(localStorage.getItem('session') ?? 'null'),
        save: (session) => localStorage.setItem('session', JSON.stringify(session ?? null)),
      }
      return (await trefoil.createClient({ url, auth: shared }).users.me.query()).username
    }
    const askBoth = () => Promise.all(tabs.map((page) => page.evaluate(ask, login.url)))
    for (const nth of [1, 2]) {
      await agreed()
      expect(await askBoth(), `refresh ${nth}`).toEqual(['admin', 'admin'])
      expect([1, 2]).toContain(refreshes.splice(0).length)
      await agreed()
      expect(await askBoth(), `after refresh ${nth}`).toEqual(['admin', 'admin'])
      expect(refreshes).toEqual([])
      await tabs[0]!.evaluate(() => {
        const session = JSON.parse(localStorage.getItem('session')!)
        localStorage.setItem('session', JSON.stringify({ ...session, expiresAt: 0 }))
      })
    }
    await context.close()
  })

  test('has no answer at an origin that the server does not know', async () => {
    const tab = await open(unknown)
    const code = await tab.page.evaluate(async (url) => {
      const client = trefoil.createClient({ url, retries: 0 })
      const [, error] = await trefoil.safe(client.login({ username: 'admin', password: 'not the password' }))
      return error?.code
    }, system.url)
    expect(code).toBe('client.network')
    expect(tab.complaints.join()).toContain('CORS')
    await tab.page.close()
  })
})

async function open(app: App): Promise<Tab> {
  const tab = await openTab(browser)
  await tab.page.goto(`${app.origin}/app`)
  return tab
}

/** As an application is built that has installed the package. */
async function bundle(): Promise<string> {
  const modules = join(folder, 'node_modules')
  const installed = join(modules, '@trefoil/sdk')
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', packSdk(folder), '-C', installed, '--strip-components=1'])
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from '@trefoil/sdk'; export * from './test/sdk-package/consumer/visit.ts'`,
      resolveDir: root,
    },
    ...{ bundle: true, write: false, minify: true, platform: 'browser', format: 'iife', globalName: 'trefoil' },
    nodePaths: [modules, join(root, 'node_modules')],
  })
  return outputFiles[0]!.text
}

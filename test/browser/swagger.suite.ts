import { describe, expect, test } from 'vitest'
import { admin, type StartSystem } from '../system.ts'
import { openTab } from './chromium.ts'
import { openDocs } from './docs.ts'
import { swaggerUi } from './swagger-ui.ts'

/** /docs in a browser, as a person uses it who has just started the system. @param name of the pictures */
export function swaggerSuite(start: StartSystem, name: string): void {
  describe('Swagger UI', () => {
    const docs = openDocs(start)
    const photograph = (what: string) => docs.tab.photograph(`${name}-${what}`)

    test('shows every operation, by service, in the order in which one needs them', async () => {
      await photograph('1-open')
      const tags = await docs.tab.page.locator('.opblock-tag').allInnerTexts()
      expect(tags.map((tag) => tag.split('\n')[0]?.trim())).toEqual([
        'users',
        'projects',
        'tasks',
        'documents',
        'operations',
      ])
      const { paths } = await (await fetch(`${docs.system.url}/openapi.json`)).json()
      const count = Object.values<object>(paths).flatMap((path) => Object.keys(path)).length
      expect(await docs.tab.page.locator('.opblock').count()).toBe(count)
    })

    test('says what is wrong with a password', async () => {
      const said = await docs.ui.authorize({ ...admin, password: 'not the password' })
      expect(said).toContain('Auth Error')
      const ofTheBrowser = [expect.stringContaining('status of 401')]
      expect(docs.tab.complaints.splice(0)).toEqual(ofTheBrowser)
    })

    test('lets the admin in by name and password', async () => {
      const said = await docs.ui.authorize(admin)
      expect(said).toContain('Authorized')
      expect(said).not.toContain(admin.password)
    })

    test('makes a project', async () => {
      const { status, text, headers, curl, block } = await docs.ui.execute('POST /projects', {
        parameters: { Prefer: 'wait=10' },
        body: { name: 'Gemini', description: 'From the page' },
      })
      expect(status, text).toBe(201)
      expect(JSON.parse(text)).toMatchObject({ name: 'Gemini', description: 'From the page', key: 'GEMINI' })
      expect(headers).toMatch(/location: \/projects\//)
      expect(curl).toContain(`${docs.system.url}/projects`)
      await block.locator('.responses-wrapper').scrollIntoViewIfNeeded()
      await photograph('2-project')
    })

    test('lists tasks, with a filter from the page', async () => {
      const { projects, tasks } = (await docs.system.people.admin()).over('REST')
      const { id } = await projects.byId({ id: 'GEMINI' })
      for (const title of ['Test the engine', 'Paint it']) await tasks.create({ projectId: id, title })
      const { status, text, block } = await docs.ui.execute('GET /tasks', {
        parameters: { projectId: 'GEMINI', text: 'engine' },
      })
      expect(status, text).toBe(200)
      expect(JSON.parse(text)).toMatchObject({
        items: [{ code: 'GEMINI-1', title: 'Test the engine' }],
        nextCursor: null,
      })
      await block.locator('.responses-wrapper').scrollIntoViewIfNeeded()
      await photograph('3-tasks')
    })

    test('has had no complaint so far', () => {
      expect(docs.tab.complaints).toEqual([])
    })

    test('shows a refusal so that one can read why', async () => {
      const { status, text, block } = await docs.ui.execute('POST /projects', { body: { name: 'Gemini' } })
      expect(status).toBe(409)
      expect(JSON.parse(text)).toMatchObject({ status: 409, code: 'project.name_taken' })
      expect(await block.locator('.live-responses-table').innerText()).toContain('choose another name')
      await block.locator('.responses-wrapper').scrollIntoViewIfNeeded()
      await photograph('4-refused')
    })

    test('stays logged in when the page is loaded again', async () => {
      await docs.ui.open(docs.system.url)
      const { status, text } = await docs.ui.execute('GET /users/me', {})
      expect(status, text).toBe(200)
      expect(JSON.parse(text)).toMatchObject({ username: 'admin' })
    })

    test('needs nothing from anywhere else', () => {
      const elsewhere = docs.tab.requests.filter(
        (url) => !url.startsWith(`${docs.system.url}/`) && !url.startsWith('data:'),
      )
      expect(elsewhere).toEqual([])
    })

    test('explains codes in a page that can be read', async () => {
      await docs.tab.page.goto(`${docs.system.url}/docs/errors#task.illegal_move`)
      await docs.tab.page.locator('[id="task.illegal_move"]').waitFor()
      await photograph('5-errors')
    })

    test('works on a small screen', async () => {
      const small = await openTab(docs.browser, 420)
      await swaggerUi(small.page).open(docs.system.url)
      await small.photograph(`${name}-6-small`)
      const { scroll, client } = await small.page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement
        return { scroll: scrollWidth, client: clientWidth }
      })
      expect(scroll).toBeLessThanOrEqual(client)
      expect(small.complaints).toEqual([])
      await small.page.close()
    })
  })
}

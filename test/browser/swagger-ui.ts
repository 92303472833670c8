import type { Locator, Page } from 'playwright-core'
import type { Credentials } from '../system/people.ts'

/** Swagger UI as a person uses it: by what can be read and pressed. */
export interface SwaggerUi {
  open(url: string): Promise<void>
  /** Presses Authorize and gives a name and a password. @returns what the dialog says afterwards */
  authorize(credentials: Credentials): Promise<string>
  /** Opens an operation, `GET /tasks`, fills it in, executes it. */
  execute(operation: string, fill: Fill): Promise<Shown>
}

export interface Fill {
  /** By the name that the page shows. */
  parameters?: Readonly<Record<string, string>>
  body?: unknown
}

/** What the page shows of an answer. */
export interface Shown {
  status: number
  text: string
  headers: string
  /** The command line that does the same. */
  curl: string
  block: Locator
}

export function swaggerUi(page: Page): SwaggerUi {
  return {
    async open(url) {
      await page.goto(`${url}/docs`)
      await page.locator('.opblock').first().waitFor()
    },

    async authorize({ username, password }) {
      await page.getByRole('button', { name: 'Authorize', exact: true }).first().click()
      const dialog = page.locator('.modal-ux')
      const form = dialog.locator('.auth-container').filter({ hasText: 'OAuth2, password' }).last()
      await form.locator('#oauth_username').fill(username)
      await form.locator('#oauth_password').fill(password)
      await form.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click()
      await form.locator('.errors, button:has-text("Logout")').first().waitFor()
      const said = await form.innerText()
      await dialog.locator('.close-modal').click()
      return said
    },

    async execute(operation, { parameters = {}, body }) {
      const [method = '', path] = operation.split(' ')
      const block = page
        .locator(`.opblock-${method.toLowerCase()}`)
        .filter({ has: page.locator(`[data-path="${path}"]`) })
      if (!(await block.locator('.opblock-body').isVisible())) await block.locator('.opblock-summary-control').click()
      const tryIt = block.locator('.try-out__btn').first() // it says Cancel once it was pressed
      if ((await tryIt.innerText()).includes('Try it out')) await tryIt.click()
      for (const [name, value] of Object.entries(parameters)) {
        await block.locator(`tr[data-param-name="${name}"]`).locator('input, select').first().fill(value)
      }
      if (body !== undefined) await block.locator('textarea.body-param__text').fill(JSON.stringify(body, null, 2))
      const clear = block.getByRole('button', { name: 'Clear', exact: true })
      if (await clear.isVisible()) await clear.click() // or the answer before would be read
      await Promise.all([
        page.waitForResponse((response) => !response.url().includes('/docs')),
        block.getByRole('button', { name: 'Execute' }).click(),
      ])
      return shown(block)
    },
  }
}

async function shown(block: Locator): Promise<Shown> {
  const live = block.locator('.live-responses-table .response')
  await live.waitFor()
  return {
    status: Number((await live.locator('.response-col_status').innerText()).split(/\s/)[0]),
    text: await live.locator('.highlight-code code').first().innerText(),
    headers: await live
      .locator('.headerline')
      .allInnerTexts()
      .then((lines) => lines.join('\n')),
    curl: await block.locator('.curl-command').innerText(),
    block,
  }
}

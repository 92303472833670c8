import type { OpenApiDocument } from '../openapi/document.ts'

const head = (title: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="/docs/favicon-32x32.png">`

export const uiPage = (title: string): string => `${head(title)}
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/style.css">
<div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`

export const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#ui',
  deepLinking: true,
  persistAuthorization: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
})
`

/** For both pages. Of Swagger UI it hides what there is no choice in: the server, scopes, a client's secret. */
export const STYLE = `#ui .schemes-server-container, #ui .scope-def { display: none }
#ui .scheme-container .auth-wrapper { margin-left: auto }
#ui .scheme-container { padding: 12px 0; margin: 0 0 12px }
#ui .information-container .info { margin: 24px 0 }
#ui .modal-ux-content { display: flex; flex-direction: column-reverse }
#ui .auth-container .wrapper:has(> [for^="client_"], > [for="password_type"]) { display: none }

body.codes { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: #3b4151 }
.codes code { font: 14px/1 ui-monospace, monospace; background: #f2f2f2; border-radius: 3px; padding: 2px 4px }
.codes dt { margin-top: 1rem; scroll-margin-top: 1rem }
.codes dd { margin: 0; padding-left: 2rem }
.codes dt > code { font-weight: 600 }
.codes dt:target, .codes dt:target + dd { background: #fff4c2 }
`

/** All that the document knows, so that a service on its own explains those of the others too. */
export const errorsPage = ({ components }: OpenApiDocument): string => `${head('Errors')}
<link rel="stylesheet" href="/docs/style.css">
<body class="codes">
<h1>Errors</h1>
<p>Each has one code, which is stable, and one status. Over REST they are <code>application/problem+json</code>.
<a href="/docs">The operations</a> say which of them they answer.</p>
<dl>
${Object.values(components.examples)
  .map(({ value: { code, status, title } }) => `<dt id="${code}"><code>${code}</code> ${status}<dd>${marked(title)}`)
  .join('\n')}
</dl>
</html>
`

/** Words between backticks as code. */
const marked = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>')

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

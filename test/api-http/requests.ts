/** A request of an .http file, with its variables still in it. */
export interface HttpRequest {
  /** What stands behind `###`, without the status. */
  title: string
  /** Behind the arrow: what is to be answered. */
  status: number
  name: string | undefined
  method: string
  url: string
  headers: Record<string, string>
  body: string | undefined
}

export interface HttpFile {
  variables: Record<string, string>
  requests: HttpRequest[]
}

/** As much of the format as VS Code's REST Client and JetBrains' HTTP Client have in common. @throws Error for anything else */
export function readHttpFile(text: string): HttpFile {
  const [preamble = '', ...blocks] = text.split(/^###(?= )/m)
  const variables = [...preamble.matchAll(/^@(\w+) = (.+)$/gm)].map(([, name, value]) => [name!, value!])
  return { variables: Object.fromEntries(variables), requests: blocks.map(readRequest) }
}

function readRequest(block: string): HttpRequest {
  const [, title, status] = /^ (.+) → (\d{3})\n/.exec(block) ?? []
  if (!title) throw new Error(`no title with a status: ${block.slice(0, 60)}`)
  const [head = '', ...rest] = block.slice(block.indexOf('\n') + 1).split('\n\n')
  const lines = head.trim().split('\n')
  const [line = '', ...headers] = lines.filter((one) => !one.startsWith('#'))
  const [, method, url] = /^([A-Z]+) (\S+)$/.exec(line) ?? []
  if (!method || !url) throw new Error(`${title}: no request line: ${line}`)
  const body = rest.join('\n\n').trim()
  return {
    title,
    status: Number(status),
    name: /^# @name (\w+)$/m.exec(head)?.[1],
    method,
    url,
    headers: Object.fromEntries(headers.map((header) => header.split(/: (.*)/s, 2) as [string, string])),
    body: body === '' ? undefined : body,
  }
}

/** Answers of named requests, by name. */
export type Answers = ReadonlyMap<string, unknown>

/** Fills in `{{variable}}` and `{{name.response.body.path}}`. @throws Error for what is not known yet */
export function filled(text: string, variables: Readonly<Record<string, string>>, answers: Answers): string {
  return text.replace(/\{\{(.+?)\}\}/g, (_, expression: string) => {
    const own = variables[expression]
    if (own !== undefined) return filled(own, variables, answers)
    const [, name = '', path = ''] = /^(\w+)\.response\.body\.(.+)$/.exec(expression) ?? []
    const body = answers.get(name)
    const value = path
      .split('.')
      .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], body)
    if (typeof value !== 'string') throw new Error(`{{${expression}}}: not known`)
    return value
  })
}

import { parseArgs } from 'node:util'

/**
 * As much of a shell, of curl and of jq as the README uses, so that a test of it needs none of them. Other than curl it
 * asks to wait for as long as a server does: what is shown is the answer of a machine that is not too busy.
 */
export interface Shell {
  /** @returns what is printed: an answer, or nothing where it goes into a variable. */
  run(command: string): Promise<Printed | undefined>
}

export interface Printed {
  /** With `-i`: the first line and the headers. */
  head?: { line: string; headers: Headers }
  body: string
}

/** @param url what `localhost:8000` stands for */
export function createShell(url: string): Shell {
  const variables = new Map<string, string>()

  return {
    async run(command) {
      const [, name, inner, field] = /^(\w+)=\$\((.*) \| jq -r \.(\w+)\)$/s.exec(command) ?? []
      const [program, ...words] = wordsOf(inner ?? command, variables)
      if (program !== 'curl') throw new Error(`${program} is not curl`)
      const printed = await curl(words.map((word) => word.replace('localhost:8000', url)))
      if (name === undefined) return printed
      variables.set(name, JSON.parse(printed.body)[field!])
    },
  }
}

/** Words with their quotes taken off, and variables filled in where those are not single. */
const wordsOf = (command: string, variables: ReadonlyMap<string, string>): string[] =>
  [...command.replaceAll('\\\n', ' ').matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replaceAll(
      /'([^']*)'|"([^"]*)"|[^"']+/g,
      (text, single, double) =>
        single ?? (double ?? text).replaceAll(/\$(\w+)/g, (_: string, name: string) => variables.get(name) ?? ''),
    ),
  )

const FORM = 'application/x-www-form-urlencoded'

async function curl(words: string[]): Promise<Printed> {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      silent: { type: 'boolean', short: 's' },
      include: { type: 'boolean', short: 'i' },
      header: { type: 'string', short: 'H', multiple: true, default: [] },
      data: { type: 'string', short: 'd', multiple: true, default: [] },
    },
  })
  const headers = new Headers(values.header.map((header) => header.split(/: (.*)/s, 2) as [string, string]))
  if (values.data.length > 0 && !headers.has('content-type')) headers.set('content-type', FORM)
  if (values.data.length > 0 && !headers.has('prefer')) headers.set('prefer', 'wait=10')
  const sent = values.data.length > 0 ? { method: 'POST', body: values.data.join('&') } : {}
  const answer = await fetch(positionals[0]!.replace('?wait=2', '?wait=10'), { headers, ...sent })
  const head = { line: `HTTP/1.1 ${answer.status} ${answer.statusText}`, headers: answer.headers }
  return { ...(values.include && { head }), body: await answer.text() }
}

/** As it would be printed with the headers that are shown; others are left out where a line says so. */
export function textOf(printed: Printed | undefined, shown: string): string {
  const { head, body = '' } = printed ?? {}
  if (!head) return body
  const [, ...lines] = shown.split('\n\n', 1)[0]!.split('\n')
  const names = lines.map((line) => line.split(': ', 1)[0]!)
  const rest = [...head.headers.keys()].filter((name) => !names.includes(name))
  const left = names.includes('…') ? [] : rest.map((name) => `${name}: ${head.headers.get(name)}`)
  const headers = names.map((name) => (name === '…' ? name : `${name}: ${head.headers.get(name)}`))
  return [head.line, ...headers, ...left, '', body].join('\n')
}

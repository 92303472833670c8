import process from 'node:process'
import { parseArgs } from 'node:util'

/** The command line was not understood, or help was asked for. */
export class Usage extends Error {
  readonly status: 0 | 2

  constructor(text: string, status: 0 | 2) {
    super(text)
    this.name = 'Usage'
    this.status = status
  }
}

type Options = Readonly<Record<string, { type: 'string' | 'boolean'; short?: string; default?: string | boolean }>>

type Values<O extends Options> = {
  [Name in keyof O]: O[Name] extends { type: 'boolean' }
    ? boolean
    : O[Name] extends { default: string }
      ? string
      : string | undefined
}

const connection = {
  url: { type: 'string', default: 'http://localhost:8000' },
  username: { type: 'string', default: 'admin' },
  password: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies Options

/** What each script says at the end of its usage. */
export const CONNECTION_USAGE = `  --url URL          where Trefoil is (http://localhost:8000)
  --username NAME    who logs in (admin)
  --password TEXT    rather in the environment, as TREFOIL_PASSWORD; a terminal is asked where neither is given
  --help             this`

/** The options of a script and those with which each one logs in. @throws Usage */
export function readOptions<const Own extends Options>(
  usage: string,
  own: Own,
  args = process.argv.slice(2),
): Values<Own & typeof connection> {
  try {
    const values = parseArgs({ args, options: { ...own, ...connection } }).values as Values<typeof connection>
    if (values.help) throw new Usage(usage, 0)
    return { ...values, url: addressOf(values.url) } as Values<Own & typeof connection>
  } catch (error) {
    if (error instanceof Usage) throw error
    throw new Usage(`${(error as Error).message}\n\n${usage}`, 2)
  }
}

function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error(`--url ${text}: not an address like http://localhost:8000`)
  return url.href.replace(/\/+$/, '')
}

/** @throws Usage */
export function wholeNumber(
  usage: string,
  name: string,
  text: string,
  [least, most]: readonly [number, number],
): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new Usage(`--${name} ${text}: not a whole number from ${least} to ${most}\n\n${usage}`, 2)
}

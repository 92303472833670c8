import { Failure } from '../errors/failure.ts'

/**
 * The text of a query or form under one key: its values in order where the key is repeated, or what is below it where
 * keys have brackets (`filter[size][min]=1`: the deepObject style of OpenAPI).
 */
export interface Texts {
  values: string[]
  members: Map<string, Texts>
}

export const textsOf = (...values: string[]): Texts => ({ values, members: new Map() })

/** @throws Failure `input.malformed` for text that is not application/x-www-form-urlencoded */
export function parseTexts(text: string): Map<string, Texts> {
  const root = textsOf()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const [key, value] = equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
    put(root, decode(key), decode(value))
  }
  return root.members
}

function put(root: Texts, key: string, value: string): void {
  let texts = root
  for (const name of namesOf(key)) {
    if (texts.values.length > 0) throw twofold(key)
    const member = texts.members.get(name) ?? textsOf()
    texts.members.set(name, member)
    texts = member
  }
  if (texts.members.size > 0) throw twofold(key)
  texts.values.push(value)
}

const twofold = (key: string) => new Failure('input.malformed', `${key} is given both as a value and with members.`)

/** `a[b][c]` is a, b, c; a key whose brackets do not pair is a name as it stands. */
function namesOf(key: string): string[] {
  const [, first, rest] = /^([^[\]]+)((?:\[[^[\]]+\])+)$/.exec(key) ?? []
  return first === undefined ? [key] : [first, ...rest!.slice(1, -1).split('][')]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new Failure('input.malformed', 'The query or form is not well-formed: % begins no UTF-8 character.')
  }
}

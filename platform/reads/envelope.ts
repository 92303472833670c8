import type { Entity } from '../commands/command.ts'
import { parsedJson } from '../json.ts'
import type { Epochs } from './epochs.ts'

/**
 * What stands in the cache, as text. All of it begins `{"version":N,`, which is all that the cache itself looks at:
 *
 *     value   {"version":3,"epoch":1767225600000,"id":"…", the rest of the entity}
 *     ticket  {"version":0,"ticket":"…","epochs":[…]}
 *     stamp   {"version":1,"epoch":0,"stamp":"…","epochs":{"3":…}}, or every partition's as an array
 *     page    {"version":1,"epoch":0,"page":…}
 */
const VERSION = '{"version":'
const EPOCH = ',"epoch":'
const TICKET = '{"version":0,'

export interface Stamp {
  id: string
  epochs: Epochs
  text: string
}

export function valueText(entity: Entity, epoch: number): string {
  const { version, ...rest } = entity
  return `${VERSION}${version}${EPOCH}${epoch},${JSON.stringify(rest).slice(1)}`
}

/**
 * Undefined where the text is no value. The epoch is cut out of the text rather than deleted from the object: that
 * keeps the object in its fast form, and leaves an entity its own field of that name.
 */
export function parseValue<E extends Entity>(text: string): { epoch: number; entity: E } | undefined {
  const from = text.indexOf(EPOCH, VERSION.length)
  const to = text.indexOf(',', from + EPOCH.length)
  if (!text.startsWith(VERSION) || from < 0 || to < 0) return undefined
  const epoch = Number(text.slice(from + EPOCH.length, to))
  const entity = parse(text.slice(0, from) + text.slice(to)) as E | undefined
  return entity === undefined ? undefined : { epoch, entity }
}

export const ticketText = (id: string, epochs: readonly number[]): string =>
  `${TICKET}"ticket":${JSON.stringify(id)},"epochs":[${epochs.join()}]}`

export const isTicket = (text: string): boolean => text.startsWith(TICKET)

export const stampText = (id: string, epochs: Epochs): string =>
  `${VERSION}1${EPOCH}0,"stamp":${JSON.stringify(id)},"epochs":${JSON.stringify(epochs)}}`

export function parseStamp(text: string): Stamp | undefined {
  const { stamp, epochs } = (parse(text) ?? {}) as { stamp?: unknown; epochs?: Epochs | null }
  return typeof stamp === 'string' && typeof epochs === 'object' && epochs ? { id: stamp, epochs, text } : undefined
}

/** A page that is undefined (nothing of that name) is kept too. */
export function pageText(page: unknown): string {
  const json = JSON.stringify(page)
  return json === undefined ? `${VERSION}1${EPOCH}0}` : `${VERSION}1${EPOCH}0,"page":${json}}`
}

export const parsePage = <T>(text: string): { page?: T } | undefined => parse(text) as { page?: T } | undefined

/** The cache is shared and not ours alone: text that cannot be read counts as none. */
function parse(text: string): unknown {
  const parsed = parsedJson(text)
  return typeof parsed === 'object' && parsed !== null ? parsed : undefined
}

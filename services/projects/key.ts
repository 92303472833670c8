import { createHash } from 'node:crypto'
import { transliterate } from 'transliteration'
import { fold } from '../../platform/text.ts'
import { isFree } from './schema.ts'

const LENGTH = 10
const NUMERALS = 99
const TRIES = 6

/**
 * The key that a name in any script suggests: the word itself, or the initials of several and their numbers
 * ("Apollo" APOLLO, "Аполлон" APOLLON, "Moon base 12" MB12).
 */
export function baseKey(name: string): string {
  const latin = transliterate(name.normalize('NFKC')).toUpperCase().replace(/['’`]/g, '')
  const words = latin.match(/[A-Z0-9]+/g) ?? []
  const short = words.length === 1 ? words : words.map((word) => (/^\d+$/.test(word) ? word : word[0]))
  const key = short.join('')
  if (key === '') return 'PROJECT'
  return (/^[A-Z]./.test(key) ? key : `P${key}`).slice(0, LENGTH)
}

/** What a derived key may become: the base, then with the numerals from 2 on. The store knows which are taken. */
export function numbered(base: string): string[] {
  const numerals = Array.from({ length: NUMERALS - 1 }, (_, index) => withNumeral(base, String(index + 2)))
  return [base, ...numerals].filter(isFree)
}

/**
 * The keys that a new project may get, in order of preference and few enough to be locked: the first free ones, because
 * others may be taking them now, and two with a numeral that nobody else is likely to ask for.
 * @param taken folded names and keys that are in use
 */
export function keyCandidates(base: string, taken: ReadonlySet<string>, project: string): string[] {
  const free = numbered(base).filter((key) => !taken.has(fold(key)))
  const digits = createHash('sha256').update(project).digest().readUIntBE(0, 6).toString().padStart(14, '1')
  const own = [digits.slice(-6), digits.slice(-12, -6)].map((numeral) => withNumeral(base, numeral))
  return [...new Set([...free.slice(0, TRIES), ...own])]
}

const withNumeral = (base: string, numeral: string): string => base.slice(0, LENGTH - numeral.length) + numeral

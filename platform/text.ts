/**
 * Text as it is compared: folded here and stored folded, because SQL's lower(), MongoDB's `i` option and JavaScript
 * disagree (Σ, İ). Everything that is unique or searched goes through `fold`. What Σ becomes depends on what follows it
 * (ς at the end of a word), which a part of a text does not know: so there is one small sigma.
 */
export const fold = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').normalize('NFC')

/**
 * Of a text, so much can be searched: more than a text has that folding leaves about as long as it was, and a bound for those
 * that it makes eighteen times as long (ﷺ), because what is made of an entity is kept, cached and told with it each time it changes.
 */
export const SEARCHABLE = 32_768

/** A text as it is searched in: folded, and cut where it is too long. */
export const searchKey = (text: string): string =>
  fold(text)
    .slice(0, SEARCHABLE)
    .replace(/\p{Surrogate}$/u, '') // the half of a pair

/** False for what JSON can carry and no store keeps as text: NUL, and halves of surrogate pairs. */
export const isStorable = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text)

const likeEscape = (text: string): string => text.replace(/[\\%_]/g, '\\$&')
const regexEscape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** LIKE pattern (escape `\`) for folded text that contains the given text. */
export const likeContains = (text: string): string => `%${likeEscape(fold(text))}%`

/** Regular expression source for folded text that contains the given text. */
export const regexContains = (text: string): string => regexEscape(fold(text))

/**
 * A search mask: `*` stands for anything, so `iv*` is a beginning and `*ov` an end; without `*` it is a substring.
 * Returns a LIKE pattern for folded text.
 */
export function likeMask(mask: string): string {
  if (!mask.includes('*')) return likeContains(mask)
  return mask
    .split('*')
    .map((part) => likeEscape(fold(part)))
    .join('%')
}

/**
 * Text as it is compared: folded here and stored folded, because SQL's lower(), MongoDB's `i` option and JavaScript
 * disagree (Σ, İ). Everything that is unique or searched goes through `fold`. What Σ becomes depends on what follows it
 * (ς at the end of a word), which a part of a text does not know: so there is one small sigma.
 */
export const fold = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').normalize('NFC')

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

import { Failure } from '../errors/failure.ts'
import { isStorable } from '../text.ts'

/** Levels of objects and arrays. */
const MAX_DEPTH = 20

/**
 * @param depth levels around the value that count
 * @throws Failure `input.malformed` for JSON that no store can keep, is nested too deeply, or poisons an object
 */
export function assertWellFormed(value: unknown, depth = 0): void {
  if (typeof value === 'string') assertText(value)
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Failure('input.malformed', 'A number is too large.')
  if (typeof value !== 'object' || value === null) return
  if (depth === MAX_DEPTH) throw new Failure('input.malformed', `JSON is nested more than ${MAX_DEPTH} levels deep.`)
  if (Array.isArray(value)) {
    for (const element of value) assertWellFormed(element, depth + 1)
    return
  }
  for (const [key, member] of Object.entries(value)) {
    assertText(key)
    if (key === '__proto__') throw new Failure('input.malformed', 'A field may not be called __proto__.')
    assertWellFormed(member, depth + 1)
  }
}

function assertText(text: string): void {
  if (!isStorable(text)) throw new Failure('input.malformed', 'Text contains NUL or an unpaired surrogate.')
}

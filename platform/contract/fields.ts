import { z } from 'zod'

/** Fields that every service spells the same way. */
export const id = z.uuid()

/** Any spelling of a reference: an id, a name, a key, a number in text. What fits is for the service to find out. */
export const reference = z.string().min(1).max(200)

export const expectedVersion = z.int().positive().optional().meta({
  description: 'Refused with 412 unless the entity has this version; over REST it is If-Match.',
})

/** An entity as it is answered: what every one has around its own fields, in the order in which people read it. */
export const entity = <Own extends z.ZodRawShape>(own: Own) =>
  z.object({ id, version: z.int().positive(), ...own, createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() })

/** What each list takes beside its own filters. */
export const pageFields = {
  limit: z.int().min(1).max(100).default(50).meta({ description: 'Items on a page.' }),
  cursor: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: '`nextCursor` of the page before; the first page without it.' }),
}

/** Said of each list's `sort`. */
export const ordering = { description: 'The order; `-` is descending.' }

/** A search mask. */
export const mask = z.string().trim().min(1).max(100).meta({
  pattern: '\\S',
  description: '`iv*` is a beginning, `*ov` an end; without `*` it is looked for anywhere. Case does not matter.',
})

// What the rules of a line are in the document: `\P{Cc}` is not in the regular expressions of every language.
const CONTROLS = '\\u0000-\\u001f\\u007f-\\u009f'
const ANY_LINE = `^[^${CONTROLS}]*$`
const FILLED_LINE = `^[^${CONTROLS}]*[^\\s${CONTROLS}][^${CONTROLS}]*$`

/** One line of text without control characters; it may be empty. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^\P{Cc}*$/u, 'no control characters')
    .meta({ pattern: ANY_LINE })

/** The same, and something is on it. */
export const filledLine = (max: number) => line(max).min(1).meta({ pattern: FILLED_LINE })

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })

/** The answer of what answers nothing (204). */
export const nothing = z.void()

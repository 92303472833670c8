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
  limit: z.int().min(1).max(100).default(50),
  cursor: z.string().min(1).max(1000).optional().meta({ description: 'nextCursor of the page before.' }),
}

/** A search mask. */
export const mask = z.string().trim().min(1).max(100).meta({
  description: '`iv*` is a beginning, `*ov` an end; without `*` it is looked for anywhere. Case does not matter.',
})

/** One line of text without control characters. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^\P{Cc}*$/u, 'no control characters')

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })

/** The answer of what answers nothing (204). */
export const nothing = z.void()

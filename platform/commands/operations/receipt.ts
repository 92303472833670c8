import { z } from 'zod'
import type { Receipt } from '../command.ts'

/** What a mutation answers when its outcome is not awaited, or not known in time. */
export const receipt = z
  .object({
    status: z.literal('accepted'),
    operation: z.string().describe('Look it up at /operations/{operation}.'),
    id: z.string().describe('The entity that is made or changed.'),
    token: z.string().describe('Consistency-Token that covers this change.'),
  })
  .meta({ id: 'Receipt' }) satisfies z.ZodType<Receipt>

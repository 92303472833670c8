import type { Receipt } from '../../../platform/commands/command.ts'
import { type Api, sending } from '../client.ts'
import { patiently } from '../patience.ts'
import { inParallel } from '../pool.ts'
import { createProgress } from '../progress.ts'
import { settled } from '../settled.ts'
import { told } from '../trouble.ts'
import type { Plan } from './plan.ts'

/** How the changes of a seed are made: many at a time, each once however often it is sent, and watched. */
export interface Gardener {
  api: Api
  plan: Plan
  /** The answer of a change; undefined where an earlier run of this seed, with other numbers, has left it done. @throws Interrupted */
  plant<Answer>(
    key: string,
    change: (options: ReturnType<typeof sending>) => Promise<Answer>,
    ...done: readonly string[]
  ): Promise<Exclude<Answer, Receipt> | undefined>
  /** A read. @throws Interrupted */
  look<Answer>(read: () => Promise<Answer>): Promise<Answer>
  /** Does the same for each, behind a bar. @throws Interrupted */
  each<Item>(label: string, total: number, items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void>
}

/** Under the key, what was made differs by now in what it was made of, or was made long ago: either way it is there. */
const ALREADY = ['idempotency.reused', 'idempotency.expired']

export function createGardener(api: Api, plan: Plan, interrupted: AbortSignal): Gardener {
  const patience = { signal: interrupted }
  return {
    api,
    plan,
    async plant(key, change, ...done) {
      const options = sending({ 'idempotency-key': `seed-${plan.seed}-${key}` })
      try {
        return await patiently(async () => settled(api, await change(options)), patience)
      } catch (error) {
        const reason = told(error)?.reason
        if (reason !== undefined && [...ALREADY, ...done].includes(reason)) return undefined
        throw error
      }
    },
    look: (read) => patiently(read, patience),
    async each(label, total, items, work) {
      const progress = createProgress(label, total)
      const watched = async (item: Parameters<typeof work>[0]) => {
        await work(item)
        progress.tick()
      }
      await inParallel(items, plan.parallel, watched, interrupted).finally(progress.end)
    },
  }
}

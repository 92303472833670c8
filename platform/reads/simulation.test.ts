import { describe, expect, test } from 'vitest'
import { broken, lax, type Mutant } from './simulation/mutants.testing.ts'
import { mutate } from './simulation/mutate.testing.ts'
import { simulate } from './simulation/simulate.testing.ts'

const SEEDS = 600
const MOST_SEEDS = 5_000
const TIMEOUT_MS = 120_000

test(
  'no read is older than what was told when it started, whatever the cache loses, delays or forgets',
  async () => {
    for (let seed = 1; seed <= SEEDS; seed++) expect(await simulate(seed)).toBeUndefined()
  },
  TIMEOUT_MS,
)

/** What the first run that finds something says: `simulate(seed, about)` runs it again. */
async function find(mutant: Mutant): Promise<string | undefined> {
  const simulateMutant = await mutate(mutant)
  for (let seed = 1; seed <= MOST_SEEDS; seed++) {
    const wrong = await simulateMutant(seed, mutant.about)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

describe('the simulation finds it where', () => {
  test.each(broken)('$what', async (mutant) => expect(await find(mutant)).toBeDefined(), TIMEOUT_MS)
  test.each(lax)('$what', async (mutant) => expect(await find(mutant)).toBeDefined(), TIMEOUT_MS)
})

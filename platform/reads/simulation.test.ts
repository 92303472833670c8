import { expect, test } from 'vitest'
import { simulate } from './simulation/simulate.testing.ts'

test('no read is older than what was told when it started, whatever the cache loses, delays or forgets', async () => {
  for (let seed = 1; seed <= 300; seed++) expect(await simulate(seed)).toBeUndefined()
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Rules } from '../../../platform/commands/decide.ts'
import { newId } from '../../../platform/ids.ts'
import type { EntityDefinition } from '../entity.ts'
import { commandOf, recordsOf } from '../fixture.testing.ts'
import { type Decided, fold, OUTCOME_BYTES } from './fold.ts'
import { readItems } from './items.ts'
import { DEAD_IN_A_ROW } from './poison.ts'
import { createWorking } from './world.ts'

/** Ships: each command says how long its ship's log is, or that the rules fail on it. */
const decide: Rules['decide'] = ({ type, entity, payload, at }) => {
  if (type === 'ship.sink') throw new Error('it sank')
  const data = { id: entity, version: 1, createdAt: at, updatedAt: at, log: 'x'.repeat(payload as number) }
  return { events: [{ type: 'ship.sailed', schema: 1, kind: 'ship', id: entity, version: 1, data }] }
}
const ships: EntityDefinition = {
  ...{ kind: 'ship', table: 'ships', schema: 1, rules: { needs: () => ({}), decide } },
  ...{ uniques: {}, holds: () => ({}), constraints: {}, rootColumn: 'id', mark: 'decided', scopes: () => [] },
}

function folded(commands: readonly ReturnType<typeof commandOf>[], dead = 0): Decided[] {
  const items = readItems(recordsOf(0, 0, commands), new Map([['ship', ships]]))
  return fold(items, createWorking([ships]), new Map(), 1, [], dead)
}
const sail = (length: number) => commandOf('ship.sail', newId(), length)
const sink = () => commandOf('ship.sink', newId(), 0)

describe('a fold', () => {
  test('goes to the outcome that fills the batch, and no further', () => {
    const length = fc.nat({ max: 800_000 })
    fc.assert(
      fc.property(fc.array(length, { minLength: 1, maxLength: 12 }), (lengths) => {
        const decided = folded(lengths.map(sail))
        const sizes = decided.map(({ outcome }) => JSON.stringify(outcome).length)
        const before = sizes.slice(0, -1).reduce((sum, size) => sum + size, 0)
        expect(before).toBeLessThan(OUTCOME_BYTES)
        if (decided.length < lengths.length) expect(before + sizes.at(-1)! + 1000).toBeGreaterThan(OUTCOME_BYTES)
      }),
      { numRuns: 30 },
    )
  })

  test('counts what it made and could not keep, too: that was work', () => {
    const decided = folded(Array.from({ length: 8 }, () => sail(1_000_000)))
    expect(decided.map(({ dead }) => dead)).toEqual(Array(3).fill('its outcome is larger than the log takes'))
  })

  test('goes to the dead letter that is one too many in a row, those before it counted', () => {
    const sinking = Array.from({ length: 30 }, sink)
    expect(folded(sinking)).toHaveLength(DEAD_IN_A_ROW)
    expect(folded(sinking, 7)).toHaveLength(3)
    expect(folded([sail(1), ...sinking], 7)).toHaveLength(1 + DEAD_IN_A_ROW)
    expect(folded([...sinking.slice(0, 2), sail(1), ...sinking.slice(0, 9), sail(1)], 7)).toHaveLength(13)
  })
})

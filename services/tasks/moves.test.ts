import { expect, test } from 'vitest'
import { mayMove } from './moves.ts'
import { state } from './schema.ts'

// Rows are from, columns are to.
const table = `
              backlog  todo  in_progress  in_review  done  cancelled
  backlog     -        yes   -            -          -     yes
  todo        yes      -     yes          -          -     yes
  in_progress -        yes   -            yes        -     yes
  in_review   -        -     yes          -          yes   yes
  done        -        yes   -            -          -     -
  cancelled   -        yes   -            -          -     -
`
const [columns, ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/))
const cells = rows.flatMap(([from, ...marks]) =>
  marks.map((mark, nth) => [from, columns![nth], mark === 'yes'] as const),
)

test.each(cells)('%s to %s: %s', (from, to, allowed) => {
  expect(mayMove(state.parse(from), state.parse(to))).toBe(allowed)
})

test('the table has a cell for each pair of states', () => {
  expect(cells).toHaveLength(state.options.length ** 2)
})

import { expect, test } from 'vitest'
import { exampleNames, piecesOf, promised, readme } from './examples.testing.ts'

const blocks = [...readme().matchAll(/<!-- (\w+)#(\w+) -->\n```ts\n([\s\S]*?)\n```/g)].map(
  ([, example, piece, code]) => ({ example: example!, piece: piece!, code: code! }),
)

test.each(blocks)('$example#$piece stands in the README as it is run', ({ example, piece, code }) => {
  const withoutImports = code.replace(/^import .*\n\n?/gm, '')
  expect(withoutImports).toBe(piecesOf(example).get(piece))
})

test('every piece of an example stands in the README, and every piece of code there is an example', () => {
  const pieces = exampleNames.flatMap((name) => [...piecesOf(name).keys()].map((piece) => `${name}#${piece}`))
  expect(blocks.map(({ example, piece }) => `${example}#${piece}`)).toEqual(pieces)
  expect(readme().match(/^```ts$/gm)).toHaveLength(blocks.length)
})

test('every example says what it prints', () => {
  expect(promised('lists')).toEqual([
    'APOLLO-1 Test the engine',
    'APOLLO-2 Fuel',
    'APOLLO-3 Oxygen',
    '5',
    'Fuel, Oxygen, Sandwiches',
  ])
})

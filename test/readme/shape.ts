import { escaped, MOMENT, UUID } from './output.ts'

/** What is another each time, and what is put in its place. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/(?<=^request +)\S+, trace [\da-f]{32}$/gm, 'REQUEST, trace TRACE'],
  [new RegExp(UUID, 'g'), 'ID'],
  [new RegExp(MOMENT, 'g'), 'TIME'],
  [/(?<=\b(?:partition|offset|below|events|decided|served|epoch) )\d+/g, 'N'],
  [/(?<=Consistency-Token: )[\w-]+/g, 'TOKEN'],
  [/(?<=operation )[\w-]{8}(?=…)/g, 'OPERATION'],
  [/\b[A-Z][\dA-Z]*(?=-\d+\b)/g, 'KEY'],
  [/(?<=\bin )\d+(?= s\.$)/gm, 'N'],
  [/ {2,}/g, '  '], // columns are as wide as what stands in them
]

/** A text without what differs from one time to the next: ids, times, positions, widths. */
export const shapeOf = (text: string): string =>
  VARYING.reduce((shape, [varying, name]) => shape.replaceAll(varying, name), text.trim())

/** What a text like the shown one matches: a line `…` stands for one or more of any. */
export function linesLike(shown: string): RegExp {
  const lines = shown.split('\n').map((line) => (line === '…' ? '.*(?:\n.*)*' : escaped(line)))
  return new RegExp(`^${lines.join('\n')}$`)
}

import { describe, expect, test } from 'vitest'
import { declarationOf, moduleOf } from './declarations.ts'

describe('declarationOf', () => {
  test.each([
    ["export { a } from './a.ts';", "export { a } from './a.js';"],
    ["import type { A } from './a/b.ts';", "import type { A } from './a/b.js';"],
    ["import type { A } from '../../platform/a.ts';", "import type { A } from '../../platform/a.d.ts';"],
    ["export type { A } from '../../services/a.ts';", "export type { A } from '../../services/a.d.ts';"],
    ["import { a, type B } from '../../platform/a.ts';", "import type { a, B } from '../../platform/a.d.ts';"],
    ["import { z } from 'zod';", "import { z } from 'zod';"],
  ])('%s', (line, expected) => {
    expect(declarationOf('clients/sdk/mod.d.ts', `${line}\nexport {};`)).toBe(`${expected}\nexport {};`)
  })

  test('knows where a declaration stands', () => {
    const line = "import type { A } from './a.ts';"
    expect(declarationOf('services/tasks/contract.d.ts', line)).toBe("import type { A } from './a.d.ts';")
  })
})

test('a module names its declaration, on the line that it began with', () => {
  expect(moduleOf('clients/sdk/mod.js', 'export {}\n')).toBe('/* @ts-self-types="./mod.d.ts" */ export {}\n')
})

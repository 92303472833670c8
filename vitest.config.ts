import process from 'node:process'
import { defineConfig } from 'vitest/config'
import { realParts } from './test/real-parts.ts'

const onRealParts = '**/*.real.test.ts'
const onDeno = 'test/deno/**/*.test.ts'

// `vitest run` without --project runs what can be run here. Asked for by name, the others say what they are missing.
const byDefault = {
  project: realParts.every((name) => process.env[name]) ? ['unit', 'embedded', 'real'] : ['unit', 'embedded'],
}

// Embedded tests are embedded whatever the shell has: an empty setting counts as none.
const embedded = Object.fromEntries(realParts.map((name) => [name, '']))

export default defineConfig({
  test: {
    ...byDefault,
    pool: 'forks', // threads fail at random on Deno
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{platform,services,clients,scripts}/**/*.test.ts'],
          exclude: [onRealParts],
          env: embedded,
        },
      },
      {
        extends: true,
        test: {
          name: 'embedded',
          include: ['test/**/*.test.ts'],
          exclude: [onRealParts, onDeno],
          env: embedded,
          globalSetup: 'test/system/setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: [onRealParts],
          exclude: ['node_modules'],
          globalSetup: ['test/real-parts.ts', 'test/system/setup.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'deno', include: [onDeno] },
      },
    ],
  },
})

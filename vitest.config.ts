import process from 'node:process'
import { defineConfig } from 'vitest/config'
import { realParts } from './test/real-parts.ts'

const onRealParts = '**/*.real.test.ts'
const onSecureParts = '**/*.secure.test.ts'
const onDeno = 'test/deno/**/*.test.ts'
const inBrowser = 'test/browser/**/*.test.ts'
const bySchemathesis = 'test/document/**/*.test.ts'
const asPackage = 'test/sdk-package/**/*.test.ts'
const asContainers = 'test/{containers,gateway}/**/*.test.ts'

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
    testTimeout: 60_000, // tests no deadline: a busy machine takes its time
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
    setupFiles: ['test/patience.ts', 'test/properties.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{platform,services,clients,scripts}/**/*.test.ts'],
          exclude: [onRealParts, onSecureParts],
          env: embedded,
        },
      },
      {
        extends: true,
        test: {
          name: 'embedded',
          include: ['test/**/*.test.ts'],
          exclude: [onRealParts, onDeno, asContainers, inBrowser, bySchemathesis, asPackage],
          env: embedded,
          globalSetup: 'test/system/setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: [onRealParts],
          exclude: ['node_modules', inBrowser, bySchemathesis],
          globalSetup: ['test/real-parts.ts', 'test/system/setup.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'secure', include: [onSecureParts], exclude: ['node_modules'] },
      },
      {
        extends: true,
        test: { name: 'deno', include: [onDeno] },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [inBrowser],
          fileParallelism: false,
          globalSetup: ['test/real-parts.ts', 'test/system/setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'document',
          include: [bySchemathesis],
          fileParallelism: false, // each keeps the machine busy
          globalSetup: 'test/system/setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: [asPackage],
          env: embedded,
          testTimeout: 120_000, // Deno fetches packages before it begins
          globalSetup: ['test/system/setup.ts', 'test/sdk-package/setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'containers',
          include: [asContainers],
          fileParallelism: false,
          globalSetup: ['test/real-parts.ts', 'test/system/setup.ts', 'test/containers/setup.ts'],
        },
      },
    ],
  },
})

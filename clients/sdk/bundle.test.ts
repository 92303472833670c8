import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

test('what runs is this folder and the client of tRPC: nothing of the server, nothing of Node', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('mod.ts', import.meta.url))],
    ...{ bundle: true, write: false, metafile: true, format: 'esm', platform: 'browser', logLevel: 'silent' },
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
  })
  const standsOn = Object.keys(metafile.inputs).map(
    (path) => /node_modules\/((?:@[\w-]+\/)?[\w.-]+)/.exec(path)?.[1] ?? path.replace(/\/[\w.]+$/, ''),
  )
  expect(new Set(standsOn)).toEqual(new Set(['clients/sdk', '@trpc/client', '@trpc/server']))
})

import { freshnessSuite } from './freshness.suite.ts'
import { startEmbedded } from './system.ts'

freshnessSuite(async () => {
  const system = await startEmbedded()
  return { writer: system, reader: system, stop: system.stop }
})

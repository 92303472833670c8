import { freshnessSuite } from './freshness.suite.ts'
import { realPlace } from './system/place.ts'
import { startHere } from './system.ts'

// Two instances on the same parts, each with its own caches, clients and share of the partitions.
freshnessSuite(async () => {
  const place = await realPlace()
  const writer = await startHere(place)
  const reader = await startHere({ ...place, remove: async () => {} })
  return {
    writer,
    reader,
    async stop() {
      await reader.stop()
      await writer.stop()
    },
  }
})

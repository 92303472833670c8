import process from 'node:process'

/** The settings that select the real parts; the `real` tests need every one. */
export const realParts = ['KAFKA_BROKERS', 'REDIS_URL', 'DATABASE_URL', 'MONGO_URL'] as const

export default function demandRealParts(): void {
  const missing = realParts.filter((name) => !process.env[name])
  if (missing.length === 0) return
  throw new Error(
    `The tests of the real parts need ${missing.join(', ')}. On Debian, eval "$(test/stack/stack up)" starts them all.`,
  )
}

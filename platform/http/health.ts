import { jsonReply, type Reply } from './reply.ts'

/** How this process is, as its composition root knows it. */
export interface Health {
  /** False until every part has been up once: all but the health pages is 503 then. */
  serving(): boolean
  /** True from the moment on that the process is told to stop. */
  leaving(): boolean
  /**
   * The parts that are missing right now, each with the reason: `{ postgres: 'connection refused' }`. While the process
   * stops something is, so that nobody sends it more; what still comes is answered.
   */
  missing(): Promise<Record<string, string>>
}

/** Alive is whatever can answer at all: a restart does not bring back a part that is away. */
export const livez = (): Reply => jsonReply({ status: 'alive' })

export async function readyz(health: Health): Promise<Reply> {
  const missing = await health.missing()
  if (health.serving() && Object.keys(missing).length === 0) return jsonReply({ status: 'ready' })
  return jsonReply({ status: health.serving() ? 'degraded' : 'not serving', missing }, 503, { 'retry-after': '1' })
}

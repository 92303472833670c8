import { inject } from 'vitest'
import type { Place } from '../system/place.ts'
import { startProcess } from '../system/program.ts'
import { environmentOf, readCompose } from './compose.ts'
import { readImage } from './dockerfile.ts'

/** `docker compose run --rm consumer migrate.js`: a bundle with the environment of the consumer, in a container of its own. */
export async function runCommand(
  { env }: Pick<Place, 'env'>,
  ...words: string[]
): Promise<{ status: number; said: string }> {
  const image = readImage()
  const [, ...parameters] = image.entrypoint
  const { consumer } = readCompose().services
  const program = startProcess({
    command: [inject('node'), ...parameters, ...words],
    cwd: inject('app'),
    env: { ...image.env, ...environmentOf(consumer!), ...env },
    url: '',
  })
  return { status: await program.ended, said: program.said() }
}

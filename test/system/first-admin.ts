import { expect, vi } from 'vitest'
import type { People, Person } from './people.ts'
import type { Place } from './place.ts'

/**
 * The first admin of services that run apart, who is made once the consumer decides. Logs in once: every try that comes too
 * early would count as a wrong password, and after ten of them a minute must pass.
 */
export async function firstAdmin(place: Pick<Place, 'database'>, people: People): Promise<Person> {
  await place.database((sql) =>
    vi.waitFor(async () => expect(await sql.query('SELECT 1 FROM credentials')).not.toEqual([]), {
      timeout: 60_000,
      interval: 100,
    }),
  )
  return people.admin()
}

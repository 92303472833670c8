import { afterEach } from 'vitest'
import { admin, type Settings } from '../system.ts'
import { createPeople, type People } from './people.ts'
import type { emptyPlace } from './place.ts'
import { type Program, startProgram } from './program.ts'

/** Programs, and the data directories that they run on, for the tests of a file: none is left after its test. */
export function openPrograms() {
  const programs: Program[] = []
  const places: { remove(): Promise<void> }[] = []
  afterEach(async () => {
    for (const program of programs.splice(0)) if (program.status() === undefined) await program.end('SIGKILL')
    for (const place of places.splice(0)) await place.remove()
  })

  return {
    async run(settings: Settings, file?: string, parameters?: readonly string[]): Promise<Program> {
      const program = await startProgram(settings, file, parameters)
      programs.push(program)
      return program
    },
    /** The directory of one. */
    async newPlace(made: typeof emptyPlace): Promise<string> {
      const place = await made()
      places.push(place)
      return place.directory
    },
  }
}

export const peopleOf = ({ url }: Program): People => createPeople(url, admin)

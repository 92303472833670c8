import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { parsedJson } from '../json.ts'

/** The file that makes a directory a data directory, `trefoil.json`. */
const FILE_NAME = 'trefoil.json'
const DRAFT_NAME = 'trefoil.json.new'

/** Raised when the layout of a data directory changes so that older code would misread it. */
const FORMAT = 1

const Marker = z.object({
  format: z.int(),
  /** Boot of the machine in which the directory was last opened; null where it has no name. */
  boot: z.string().nullable(),
  /** Everything is synced and closed. */
  clean: z.boolean(),
  /** A power cut may have taken unsynced bytes, and what depends on them was not yet made anew. */
  suspect: z.boolean(),
})
export type Marker = Omit<z.infer<typeof Marker>, 'format'>

/** Names in a data directory that are no data: such a directory may be taken for a new one. */
export function isData(name: string): boolean {
  return !name.startsWith('.') && ![FILE_NAME, DRAFT_NAME, 'lock', 'lost+found'].includes(name)
}

/**
 * Resolves to null where there is none.
 * @throws Error with a sentence that says what to do, where it cannot be understood
 */
export async function readMarker(directory: string): Promise<Marker | null> {
  const path = join(directory, FILE_NAME)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  const marker = Marker.safeParse(parsedJson(text))
  if (!marker.success) {
    throw new Error(
      `${path} is damaged, so the data beside it was left alone. Restore it from a backup, or set DATA_DIR to another directory.`,
    )
  }
  if (marker.data.format > FORMAT) {
    throw new Error(
      `The data directory ${directory} was written by a newer version (format ${marker.data.format}; this one knows ${FORMAT}). Start that version.`,
    )
  }
  return marker.data
}

/** Resolves once the marker is on disk; whatever happens, the old or the new one is there in full. */
export async function writeMarker(directory: string, { boot, clean, suspect }: Marker): Promise<void> {
  const draft = join(directory, DRAFT_NAME)
  const file = await open(draft, 'w')
  try {
    await file.writeFile(`${JSON.stringify({ format: FORMAT, boot, clean, suspect })}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, join(directory, FILE_NAME))
  await sync(directory)
}

/** Resolves once a file, or the list of names in a directory, is on disk. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

import { mkdir, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** Makes the directory, and those above it that are missing, such that a power cut cannot take them away again. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  const top = dirname(resolve(first))
  for (let at = resolve(path); at !== top; at = dirname(at)) await syncDirectory(dirname(at))
}

/**
 * A name in a directory is durable once the directory is synced. Windows can neither open nor sync one and needs not;
 * one above our own that we may not read was there before us, or is beyond our reach.
 */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => undefined)
  try {
    await directory?.sync().catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPERM' && error.code !== 'EINVAL') throw error
    })
  } finally {
    await directory?.close()
  }
}

import { type FileHandle, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createTurns } from '../../platform/waiting.ts'

/** A user's password as the file keeps it; null where it was taken away. */
export interface Kept {
  user: string
  hash: string | null
  unseen: boolean
}

/**
 * Passwords beside the embedded database, which never syncs: after a power cut all else is made anew from the log, where
 * no secret is. One JSON line for each change, the last one of a user counts.
 */
export interface CredentialsFile {
  /** What was kept when it was opened. */
  readonly kept: readonly Kept[]
  /** Resolves once the change is on disk. */
  keep(...changes: readonly Kept[]): Promise<void>
  /** Begins the file anew with these; whatever happens, the old one or the new one is there in full. */
  rewrite(all: readonly Kept[]): Promise<void>
  close(): Promise<void>
}

export async function openCredentialsFile(path: string): Promise<CredentialsFile> {
  const kept = await readKept(path)
  const inTurn = createTurns()
  let file: FileHandle = await open(path, 'a', 0o600)

  return {
    kept,

    keep: (...changes) =>
      inTurn(async () => {
        await file.appendFile(lines(changes))
        await file.datasync()
      }),

    rewrite: (all) =>
      inTurn(async () => {
        const next = await open(`${path}.new`, 'w', 0o600)
        await next.writeFile(lines(all))
        await next.sync()
        await rename(`${path}.new`, path)
        await syncDirectory(dirname(path))
        await file.close()
        file = next
      }),

    close: () => inTurn(() => file.close()),
  }
}

const lines = (all: readonly Kept[]): string => all.map((one) => `${JSON.stringify(one)}\n`).join('')

async function readKept(path: string): Promise<Kept[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const whole = text.slice(0, text.lastIndexOf('\n') + 1) // a torn last line was never answered
  const last = new Map<string, Kept>()
  for (const line of whole.split('\n').filter(Boolean)) {
    const kept = parse(line)
    if (!kept)
      throw new Error(`${path} is damaged; restore it from a backup, or move it away: every password is lost then.`)
    last.set(kept.user, kept)
  }
  return [...last.values()]
}

function parse(line: string): Kept | undefined {
  try {
    const { user, hash, unseen } = JSON.parse(line)
    const sound = typeof user === 'string' && (typeof hash === 'string' || hash === null) && typeof unseen === 'boolean'
    return sound ? { user, hash, unseen } : undefined
  } catch {
    return undefined
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

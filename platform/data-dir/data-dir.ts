import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { lockDataDir } from './lock.ts'
import { isData, readMarker, sync, writeMarker } from './marker.ts'

/** A directory that holds the embedded parts' files, locked for this process. */
export interface DataDir {
  /** Absolute. */
  path: string
  /** The directory was closed before, or is new. */
  cleanStop: boolean
  /** The machine has started anew since, or may have: there is no telling on every machine. */
  bootChanged: boolean
  /**
   * Neither: bytes that were written and not synced may be missing. Stays true, start after start, until `recovered`
   * says that what depends on such bytes was made anew.
   */
  afterPowerCut: boolean
  recovered(): Promise<void>
  /** Call it last: syncs every file, records the clean stop, lets the next process in. Idempotent. */
  close(): Promise<void>
}

export interface DataDirOptions {
  /** Names the machine's present boot; undefined where it has no name. */
  bootId?: () => Promise<string | undefined>
}

/**
 * Opens a data directory, making it if it is missing. Nothing in a directory that cannot be used is touched.
 * @throws Error with a sentence that says what to do
 */
export async function openDataDir(directory: string, { bootId = linuxBootId }: DataDirOptions = {}): Promise<DataDir> {
  const path = resolve(directory)
  try {
    await makeDirectories(path)
    await demandUsable(path)
    const unlock = await lockDataDir(path)
    return await opened(path, (await bootId()) ?? null, unlock).catch(async (error) => {
      await unlock()
      throw error
    })
  } catch (error) {
    throw explained(error as NodeJS.ErrnoException, path)
  }
}

/** Whether it was ever opened; also where it cannot be told, which opening it explains. */
export const hasData = (directory: string): Promise<boolean> =>
  readMarker(resolve(directory)).then(
    (marker) => marker !== null,
    () => true,
  )

/** Parts write after the marker was written: files without one are not ours. */
async function demandUsable(path: string): Promise<void> {
  const marker = await readMarker(path)
  const data = (await readdir(path)).filter(isData)
  if (marker || data.length === 0) return
  throw new Error(
    `${path} holds files (${data.slice(0, 3).join(', ')}) and no trefoil.json, so it is no data directory and was left alone. Set DATA_DIR to an empty or a new directory.`,
  )
}

async function opened(path: string, boot: string | null, unlock: () => Promise<void>): Promise<DataDir> {
  const marker = await readMarker(path)
  const cleanStop = marker?.clean ?? true
  const bootChanged = marker !== null && (boot === null || marker.boot !== boot)
  let suspect = marker?.suspect || (!cleanStop && bootChanged)
  const mark = (clean: boolean) => writeMarker(path, { boot, clean, suspect })
  await mark(false)

  let closing: Promise<void> | undefined
  const close = () => syncTree(path).then(() => mark(true))
  return {
    path,
    cleanStop,
    bootChanged,
    afterPowerCut: suspect,
    recovered() {
      suspect = false
      return mark(false)
    },
    close() {
      closing ??= close().finally(unlock)
      return closing
    },
  }
}

/**
 * From the end: what stands above may not be looked at. And one by one: Node's own recursion never ends where a parent takes no
 * directories and says that it is not there (/proc).
 */
async function makeDirectories(path: string): Promise<void> {
  const trouble = await troubleMaking(path)
  if (!trouble) return
  if (trouble.code !== 'ENOENT') throw trouble
  await makeDirectories(dirname(path)).catch((above: NodeJS.ErrnoException) => {
    throw above.name === 'NotCapable' ? trouble : above
  })
  const again = await troubleMaking(path)
  if (again) throw again
}

/** Undefined where it is there, now or already. */
async function troubleMaking(path: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path)
    return undefined
  } catch (error) {
    const isThere = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    )
    return isThere ? undefined : (error as NodeJS.ErrnoException)
  }
}

function explained(error: NodeJS.ErrnoException, path: string): Error {
  const advice = error.name === 'NotCapable' ? notPermitted(path) : adviceByCode[error.code ?? '']
  return advice ? new Error(`The data directory ${path} ${advice}`, { cause: error }) : error
}

const ELSEWHERE = 'Set DATA_DIR to another one.'
const adviceByCode: Record<string, string> = {
  ENOENT: `cannot be made there. ${ELSEWHERE}`,
  EEXIST: `is not a directory. ${ELSEWHERE}`,
  ENOTDIR: `is not a directory, or lies below a file. ${ELSEWHERE}`,
  EACCES: `cannot be written by this user. Change its owner, or set DATA_DIR to another one.`,
  EPERM: `cannot be written by this user. Change its owner, or set DATA_DIR to another one.`,
  EROFS: `is on a read-only file system. ${ELSEWHERE}`,
  ENOSPC: `is on a full disk. Make room, and start again.`,
  ENOTSUP: `is on a file system without Unix sockets, which lock it. ${ELSEWHERE}`,
}

function notPermitted(path: string): string {
  return `is not within Deno's permissions. Run with --allow-read=.,${path} --allow-write=${path}.`
}

/** What embedded Postgres writes it never syncs; without this a power cut could follow a clean stop and go unnoticed. */
async function syncTree(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await syncTree(path)
    if (entry.isFile()) await sync(path)
  }
  await sync(directory)
}

async function linuxBootId(): Promise<string | undefined> {
  const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return id.trim() || undefined
}

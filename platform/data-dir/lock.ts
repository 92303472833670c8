import { Buffer } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createConnection, createServer, type Server } from 'node:net'
import { join, relative } from 'node:path'
import process from 'node:process'

/**
 * Makes this process the only one that works in `directory`, until the function returned is called or the process dies.
 *
 * Neither Node nor Deno offers the other's file locks, so the owner listens on a Unix socket inside the directory: the
 * kernel closes it when its process dies, however it dies, and a socket that refuses connections has no owner. Binding
 * and removing sockets of one name would race; therefore they are numbered, in the folders `lock/1`, `lock/2` …:
 *
 * - The highest number counts. Whoever finds it refused makes the next one: a folder with a socket that already listens
 *   is renamed into place, which fails where one is. So one starter of several gets a number, and while its owner lives
 *   a number that is in place never refuses.
 * - A number that was passed means nothing again: whoever got one looks once more, and gives way to a higher one.
 * - The numbers below are removed, except for the last: a listing that races with a takeover still shows one.
 *
 * @throws Error with a sentence that says what to do
 */
export async function lockDataDir(directory: string): Promise<() => Promise<void>> {
  const locks = join(directory, 'lock')
  await mkdir(locks, { recursive: true })
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const last = await highest(locks)
    if (last > 0 && (await isOwned(join(locks, `${last}`)))) throw await inUse(directory, join(locks, `${last}`))
    const release = await claim(locks, last + 1)
    if (!release) continue
    if ((await highest(locks)) === last + 1) {
      await removeBelow(locks, last)
      return release
    }
    await release()
  }
  throw new Error(`Many processes are opening the data directory ${directory} at once. Start only one of them.`)
}

// Each attempt that fails means that another starter got a number meanwhile.
const ATTEMPTS = 100

/** Resolves to what gives the number up again; to null where somebody else has it. */
async function claim(locks: string, number: number): Promise<(() => Promise<void>) | null> {
  const draft = join(locks, `draft-${randomUUID().slice(0, 8)}`)
  let release = async () => {}
  await mkdir(draft)
  try {
    await writeFile(join(draft, 'pid'), `${process.pid}\n`)
    const server = await listen(join(draft, 'socket'))
    release = () => new Promise<void>((resolve) => server.close(() => resolve()))
    await rename(draft, join(locks, `${number}`))
    return release
  } catch (error) {
    await release()
    const removedByWinner = !existsSync(draft)
    await rm(draft, { recursive: true, force: true })
    if (removedByWinner || hasCode(error, 'ENOTEMPTY', 'EEXIST')) return null
    throw error
  }
}

async function listen(socket: string): Promise<Server> {
  const path = withinLimit(socket)
  const server = createServer((connection) => connection.destroy())
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  return server.unref()
}

async function isOwned(folder: string): Promise<boolean> {
  const path = withinLimit(join(folder, 'socket'))
  return new Promise((resolve) => {
    const probe = createConnection(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    // Any other error, such as a full queue, has an owner behind it.
    probe.once('error', (error) => resolve(!hasCode(error, 'ECONNREFUSED', 'ENOENT')))
  })
}

async function inUse(directory: string, folder: string): Promise<Error> {
  const pid = (await readFile(join(folder, 'pid'), 'utf8').catch(() => '')).trim()
  const owner = pid ? `the process ${pid}` : 'another process'
  return new Error(
    `The data directory ${directory} is in use by ${owner}. Stop that one, or set DATA_DIR to another one.`,
  )
}

async function highest(locks: string): Promise<number> {
  return Math.max(0, ...(await readdir(locks)).filter(isNumber).map(Number))
}

async function removeBelow(locks: string, limit: number): Promise<void> {
  const passed = (await readdir(locks)).filter((name) => !isNumber(name) || Number(name) < limit)
  // A late starter may be at work in one of them; what stays is removed by the next owner.
  await Promise.allSettled(passed.map((name) => rm(join(locks, name), { recursive: true, force: true })))
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name)
}

/** The path as it is or relative to here, whichever is shorter: a socket's path is limited to about 100 bytes. */
function withinLimit(path: string): string {
  const here = relative(process.cwd(), path)
  const shortest = here.length < path.length ? here : path
  if (Buffer.byteLength(shortest) <= 100) return shortest
  throw new Error(`DATA_DIR is too long a path for the socket that locks it (${path}). Choose a shorter one.`)
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(`${error.code}`)
}

import { once } from 'node:events'
import { createServer } from 'node:net'
import process from 'node:process'

/*
 * Whoever is told a port listens there seconds later. So they are below those that a system gives to connections and to
 * whoever asks for any (from 32768 on), each worker of a run has a share of its own, and none is given twice.
 */
const FIRST = 20_000
const SHARE = 3_000
const SHARES = 4
const base = FIRST + (Number(process.env.VITEST_POOL_ID ?? 0) % SHARES) * SHARE
/** By chance, as runs beside this one have the same shares. */
let next = Math.floor(Math.random() * SHARE)

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < SHARE; tries++) {
    const port = base + (next++ % SHARE)
    if (await isFree(port)) return port
  }
  throw new Error(`no port is free from ${base} to ${base + SHARE - 1}`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}

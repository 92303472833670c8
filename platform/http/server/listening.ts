/** How long a quiet connection is kept: longer than a gateway does, so that it is never cut off with a request on its way. */
export const KEEP_ALIVE_MS = 65_000

/** Where a server is reached from this machine. */
export function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** Why there is no listening, in a sentence that says what to do. */
export function unlistenable(error: unknown, host: string, port: number): unknown {
  const { name, code } = error as { name?: string; code?: string }
  const is = (...names: string[]) => names.includes(code ?? '') || names.includes(name ?? '')
  if (is('EADDRINUSE', 'AddrInUse')) {
    return new Error(`Port ${port} is in use: stop what listens there, or set PORT to another one.`, { cause: error })
  }
  if (is('EACCES', 'PermissionDenied', 'NotCapable')) {
    return new Error(`Listening on ${host}:${port} is not allowed: set PORT to one above 1023.`, { cause: error })
  }
  if (is('EADDRNOTAVAIL', 'ENOTFOUND', 'AddrNotAvailable')) {
    return new Error(`This machine has no address ${host}: set HOST to one that it has, or 0.0.0.0.`, { cause: error })
  }
  return error
}

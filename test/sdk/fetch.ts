/** Asks for receipts where a client asks to wait, so many times. */
export function neverWaiting(times = Number.POSITIVE_INFINITY): typeof fetch {
  let left = times
  return (input, init) => {
    const headers = new Headers(init?.headers)
    if (headers.has('prefer') && left-- > 0) headers.set('prefer', 'respond-async')
    return fetch(input, { ...init, headers })
  }
}

/** Notes each address that is asked. */
export const counting =
  (note: (url: string) => void): typeof fetch =>
  (input, init) => {
    note(String(input))
    return fetch(input, init)
  }

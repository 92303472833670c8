/** The part of Web Locks that is used here. */
interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>
}

/**
 * Does what is done with one refresh token after what others do with it: in other tabs of a browser, or other clients of
 * this process. Where there are no locks it begins at once: a server takes two that are sent together for one.
 * @param refreshToken undefined where nobody shares it
 */
export function oneAtATime<T>(refreshToken: string | undefined, work: () => Promise<T>): Promise<T> {
  const { navigator } = globalThis as { navigator?: { locks?: Locks } }
  if (refreshToken === undefined || !navigator?.locks) return work()
  // A name can be read by whoever runs here: enough of the token to be its own, too little to be of use.
  return navigator.locks.request(`trefoil-session ${refreshToken.slice(0, 12)}`, work)
}

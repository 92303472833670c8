/**
 * Where the procedures are. In a page, a url that says no more than a path is where the page is.
 * @throws TypeError for a url that is none, or that `fetch` would not take
 */
export function addressOf(url: string | URL): string {
  const { location } = globalThis as { location?: { href: string } }
  const { protocol, origin, pathname, username, password } = new URL(url, location?.href)
  // A host without a scheme reads as a scheme: of `localhost:8000` the protocol is `localhost:`.
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TypeError(`The url begins with http:// or https://: ${url}`)
  if (username || password) throw new TypeError('The url takes no username and no password; see `auth`.')
  return `${origin}${pathname.replace(/\/+$/, '')}/trpc`
}

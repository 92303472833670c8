import { request } from 'node:http'
import { text } from 'node:stream/consumers'

/** Ways to say `/metrics` that a gateway or a server may take for it. */
export const spellings = (path: string): string[] => {
  const name = path.slice(1)
  return [
    path,
    `${path}/`,
    `${path}//`,
    `${path}?of=all`,
    `${path}/?of=all`,
    `/${path}`,
    `/${path}/`,
    `/.${path}`,
    `/%2e${path}`,
    `/users/..${path}`,
    `/users/%2e%2e${path}/`,
    `/users%2f..${path}`,
    `${path}/.`,
    `${path}/users/..`,
    `${path}%2f`,
    path.toUpperCase(),
    `/%${name.charCodeAt(0).toString(16)}${name.slice(1)}`,
    `http://elsewhere${path}/`,
  ]
}

/** What only looks like it: nobody takes it for that. */
export const lookalikes = (path: string): string[] => [
  `${path};of=all`,
  `${path}%3fof=all`,
  `${path}%00`,
  `${path}%20`,
  `${path}\\`,
  `/.\\${path.slice(1)}`,
  `${path}%5c`,
  `/%25${path.charCodeAt(1).toString(16)}${path.slice(2)}`,
  `${path}#`,
]

/** Asks for a path as it stands there: `fetch` would tidy it up. */
export function askAsIs(
  url: string,
  path: string,
): Promise<{ status: number; type: string | undefined; body: string }> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, agent: false }, async (answer) => {
      const { statusCode = 0, headers } = answer
      resolve({ status: statusCode, type: headers['content-type'], body: await text(answer) })
    })
    asked.on('error', reject)
    asked.end()
  })
}

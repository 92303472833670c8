/** What a request is aimed at: parts of its URL as they were sent, undecoded. */
export interface Target {
  path: string
  /** Without the question mark. */
  query: string
}

export const NO_TARGET: Target = { path: '', query: '' }

/** By hand: `new URL` costs more than finding the procedure. */
export function targetOf(url: string): Target {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  const hash = url.indexOf('#', start)
  const end = hash === -1 ? url.length : hash
  const question = url.indexOf('?', start)
  if (question === -1 || question > end) return { path: url.slice(start, end), query: '' }
  return { path: url.slice(start, question), query: url.slice(question + 1, end) }
}

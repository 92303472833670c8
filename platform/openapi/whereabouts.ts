import type { Issue } from '../errors/issues.ts'
import { Refusal } from '../errors/refusal.ts'

/** Where fields stood in a request, if not under their own names: `['project_id']`, or `[]` for a field that is the body. */
export type Whereabouts = Map<string, readonly string[]>

/** An error, with its issues where the caller finds them in what was sent. */
export function asSent(error: unknown, whereabouts: Whereabouts): unknown {
  if (whereabouts.size === 0 || !(error instanceof Refusal) || error.resolved.code !== 'input.invalid') return error
  const issues = error.resolved.extra.issues as readonly Issue[]
  const moved = issues.map(({ path, message }) => ({ path: movedPath(path, whereabouts), message }))
  return new Refusal({ ...error.resolved, extra: { ...error.resolved.extra, issues: moved } }, error.cause)
}

function movedPath(path: Issue['path'], whereabouts: Whereabouts): Issue['path'] {
  const [field, ...below] = path
  const place = whereabouts.get(String(field))
  return place ? [...place, ...below] : path
}

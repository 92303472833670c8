/** What is passed on at most: the Recommendation asks for 512 characters, in 32 members. */
const MAX_LENGTH = 512
const MAX_MEMBERS = 32

const MEMBER =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/

/**
 * `tracestate` as it is passed on, unchanged but for empty members and blanks: it belongs to others. Undefined for one that
 * is malformed, which is dropped whole. What does not fit loses members, the long ones and the last.
 */
export function tracestateOf(text: string | null): string | undefined {
  if (text === null || text.length > 16 * MAX_LENGTH) return undefined
  const members = text
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '')
  if (members.length > MAX_MEMBERS || !members.every((member) => MEMBER.test(member))) return undefined
  if (new Set(members.map(keyOf)).size < members.length) return undefined
  const kept = members.reduce((all, member) => {
    const longer = all === '' ? member : `${all},${member}`
    return longer.length > MAX_LENGTH ? all : longer
  }, '')
  return kept === '' ? undefined : kept
}

const keyOf = (member: string): string => member.slice(0, member.indexOf('='))

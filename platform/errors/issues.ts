import type { z } from 'zod'

/** One way in which an input does not fit its schema. */
export interface Issue {
  /** Where: `['items', 0, 'title']`; empty for the whole input. */
  path: (string | number)[]
  message: string
}

/** A schema's complaints as clients see them: an unknown field is named by its path like any other. */
export const issuesOf = (error: z.core.$ZodError): Issue[] => error.issues.flatMap(issueOf)

/** Whoever has much wrong is helped by the first few, and is not to be answered more than was sent. */
const SHOWN = 20

export interface Complaints {
  issues: Issue[]
  /** How many there are beside those. */
  moreIssues?: number
}

export function complaintsOf(error: z.core.$ZodError): Complaints {
  const all = issuesOf(error)
  const issues = all.slice(0, SHOWN)
  return all.length > SHOWN ? { issues, moreIssues: all.length - SHOWN } : { issues }
}

function issueOf(issue: z.core.$ZodIssue): Issue[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'There is no such field.' }))
  }
  return [{ path, message: issue.message }]
}

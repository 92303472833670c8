import type { Method, Procedure } from '../contract/contract.ts'

/** Where REST takes each field of an input from. */
export interface Places {
  /** In the order of the path. */
  path: readonly string[]
  query: readonly string[]
  /** Fields that are members of the body. */
  body: readonly string[]
  /** The field that is the body. */
  whole: string | undefined
}

const WITH_BODY: readonly Method[] = ['POST', 'PUT', 'PATCH']

export const methodOf = (rest: string): Method => rest.slice(0, rest.indexOf(' ')) as Method
export const templateOf = (rest: string): string => rest.slice(rest.indexOf(' ') + 1)

/** Path parameters from the path; the rest from the body where the method has one, otherwise from the query. */
export function placesOf({ rest = 'GET /', input, body }: Procedure): Places {
  const path = [...templateOf(rest).matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  const others = Object.keys(input.shape).filter((field) => !path.includes(field))
  if (body !== undefined) return { path, query: others.filter((field) => field !== body), body: [], whole: body }
  const inBody = WITH_BODY.includes(methodOf(rest))
  return { path, query: inBody ? [] : others, body: inBody ? others : [], whole: undefined }
}

export const takesBody = ({ body, whole }: Places, method: Method): boolean =>
  whole !== undefined || body.length > 0 || WITH_BODY.includes(method)

/** What success is answered with, unless it is a receipt. */
export function statusOf({ status, output }: Procedure): 200 | 201 | 204 {
  return status ?? (output._zod.def.type === 'void' ? 204 : 200)
}

import type { Contract, Method, Procedure } from '../contract/contract.ts'
import { Failure } from '../errors/failure.ts'
import { methodOf, templateOf } from './places.ts'

export interface Route {
  /** `tasks.byId` */
  name: string
  spec: Procedure
  method: Method
  /** `/tasks/{id}` */
  template: string
}

/** A route and the decoded values of its path parameters, in order; or the methods that the path does take. */
export type Found = { route: Route; params: string[] } | { allow: string[] }

export interface Routes {
  all: readonly Route[]
  /** Undefined where no route has such a path. @throws Failure `input.malformed` for a path that cannot be decoded */
  find(method: string, path: string): Found | undefined
}

/** One segment of a path. */
interface Node {
  literals: Map<string, Node>
  parameter: Node | undefined
  routes: Map<string, Route>
}

/**
 * The table of all routes, built once as a tree of path segments. Of the routes that fit a path the most specific wins,
 * in whatever order they were declared: a literal segment before a parameter, from left to right.
 */
export function createRoutes(services: readonly { name: string; contract: Contract }[]): Routes {
  const root = emptyNode()
  const all = services.flatMap(({ name, contract }) =>
    Object.entries(contract).flatMap(([key, spec]) => (spec.rest ? [routeOf(`${name}.${key}`, spec, spec.rest)] : [])),
  )
  for (const route of all) insert(root, route)

  return {
    all,
    find(method, path) {
      const segments = segmentsOf(path)
      const asked = method === 'HEAD' ? 'GET' : method
      const found = search(root, segments, 0, [], (node, params) => {
        const route = node.routes.get(asked)
        return route && { route, params: [...params] }
      })
      return found ?? allowed(root, segments)
    },
  }
}

const routeOf = (name: string, spec: Procedure, rest: string): Route => {
  return { name, spec, method: methodOf(rest), template: templateOf(rest) }
}

const emptyNode = (): Node => ({ literals: new Map(), parameter: undefined, routes: new Map() })

function insert(root: Node, route: Route): void {
  let node = root
  for (const segment of route.template.slice(1).split('/')) node = child(node, segment, route)
  const taken = node.routes.get(route.method)
  if (taken) throw new Error(`${taken.name} and ${route.name} are both ${route.method} ${route.template}`)
  node.routes.set(route.method, route)
}

function child(node: Node, segment: string, { name, template }: Route): Node {
  const isParameter = /^\{\w+\}$/.test(segment)
  if (!isParameter && /[{}]/.test(segment)) throw new Error(`${name}: a parameter of ${template} is a whole segment`)
  const next = (isParameter ? node.parameter : node.literals.get(segment)) ?? emptyNode()
  if (isParameter) node.parameter = next
  else node.literals.set(segment, next)
  return next
}

/** A trailing slash is equal to none. Segments are decoded one by one, so that %2F stays within its own. */
function segmentsOf(path: string): string[] {
  const end = path.length > 1 && path.endsWith('/') ? path.length - 1 : path.length
  const segments = path.slice(1, end).split('/')
  return path.includes('%') ? segments.map(decode) : segments
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new Failure('input.malformed', 'The path is not well-formed: % begins no UTF-8 character.')
  }
}

/** The first answer of `pick`, asked of each node that fits the path, the most specific first. */
function search<T>(
  node: Node,
  segments: readonly string[],
  at: number,
  params: string[],
  pick: (node: Node, params: string[]) => T | undefined,
): T | undefined {
  if (at === segments.length) return pick(node, params)
  const segment = segments[at]!
  const literal = node.literals.get(segment)
  const found = literal && search(literal, segments, at + 1, params, pick)
  if (found !== undefined || !node.parameter || segment === '') return found
  params.push(segment)
  const deeper = search(node.parameter, segments, at + 1, params, pick)
  params.pop()
  return deeper
}

function allowed(root: Node, segments: readonly string[]): Found | undefined {
  const methods = new Set<string>()
  search(root, segments, 0, [], (node) => {
    for (const method of node.routes.keys()) methods.add(method)
  })
  if (methods.size === 0) return undefined
  if (methods.has('GET')) methods.add('HEAD')
  return { allow: [...methods].sort() }
}

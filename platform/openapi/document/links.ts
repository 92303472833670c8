import type { Route } from '../routes.ts'

/** An OpenAPI link: the operation that an answer leads to, and what it is called with. */
export interface Link {
  operationId: string
  parameters: Record<string, string>
}

/** Where an answer leads, by the template of its Location; nowhere, if no route reads that. */
export type LinksOf = (location: string | undefined) => { links?: Record<string, Link> }

export function createLinks(routes: readonly Route[]): LinksOf {
  const readers = new Map(
    routes.filter(({ method }) => method === 'GET').map((route) => [shapeOf(route.template), route]),
  )
  return (location) => {
    const reader = location === undefined ? undefined : readers.get(shapeOf(location))
    if (location === undefined || !reader) return {}
    const fields = namesIn(location)
    const pairs = namesIn(reader.template).map((name, at) => [name, `$response.body#/${fields[at]}`])
    return { links: { [reader.name]: { operationId: reader.name, parameters: Object.fromEntries(pairs) } } }
  }
}

const shapeOf = (template: string): string => template.replaceAll(/\{\w+\}/g, '{}')
const namesIn = (template: string): string[] => [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)

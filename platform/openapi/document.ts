import type { Contract } from '../contract/contract.ts'
import { type Codes, platformCodes } from '../errors/codes.ts'
import { components } from './document/components.ts'
import { createFailures, type ProblemExample } from './document/failures.ts'
import { createLinks } from './document/links.ts'
import { type Operation, operationOf } from './document/operation.ts'
import type { OneResponse } from './document/response.ts'
import { createSchemas, type JsonSchema } from './document/schemas.ts'
import { createRoutes } from './routes.ts'

/** An OpenAPI 3.1 document, as far as this project looks into it. */
export interface OpenApiDocument {
  openapi: '3.1.0'
  info: { title: string; version: string; description?: string; license?: { name: string; identifier: string } }
  servers: { url: string; description: string }[]
  tags: { name: string; description?: string }[]
  security: Record<string, string[]>[]
  paths: Record<string, Record<string, Operation>>
  components: {
    schemas: Record<string, JsonSchema>
    responses: Record<string, OneResponse>
    /** One problem of every code. */
    examples: Record<string, ProblemExample>
  } & Record<string, Record<string, object>>
}

export interface DocumentParts {
  /** `about` describes a service's tag. */
  services: readonly { name: string; contract: Contract; codes: Codes; about?: string }[]
  info: OpenApiDocument['info']
}

/** The document of some services' REST faces: made of what serves them, so that it cannot say anything else. */
export function openApiDocument({ services, info }: DocumentParts): OpenApiDocument {
  const routes = createRoutes(services).all
  const codes: Codes = Object.assign({}, platformCodes, ...services.map((service) => service.codes))
  const shared = {
    schemas: createSchemas(routes.map(({ spec }) => spec.output)),
    failures: createFailures(codes),
    linksOf: createLinks(routes),
  }
  const paths: OpenApiDocument['paths'] = {}
  for (const route of routes) {
    const path = paths[route.template] ?? {}
    path[route.method.toLowerCase()] = operationOf(route, shared)
    paths[route.template] = path
  }

  return {
    openapi: '3.1.0',
    info,
    servers: [{ url: '/', description: 'Where this document was read.' }],
    tags: services.map(({ name, about }) => ({ name, ...(about !== undefined && { description: about }) })),
    security: [{ bearer: [] }, { password: [] }],
    paths,
    components: components(shared),
  }
}

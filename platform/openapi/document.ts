import type { Contract } from '../contract/contract.ts'
import { type Codes, platformCodes } from '../errors/codes.ts'
import { components } from './document/components.ts'
import { type Operation, operationOf } from './document/operation.ts'
import { createSchemas, type JsonSchema } from './document/schemas.ts'
import { createRoutes } from './routes.ts'

/** An OpenAPI 3.1 document, as far as this project looks into it. */
export interface OpenApiDocument {
  openapi: '3.1.0'
  info: { title: string; version: string; description?: string }
  servers: { url: string }[]
  tags: { name: string }[]
  security: Record<string, string[]>[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, JsonSchema> } & Record<string, Record<string, object>>
}

export interface DocumentParts {
  services: readonly { name: string; contract: Contract; codes: Codes }[]
  info: OpenApiDocument['info']
}

/** The document of some services' REST faces: made of what serves them, so that it cannot say anything else. */
export function openApiDocument({ services, info }: DocumentParts): OpenApiDocument {
  const routes = createRoutes(services).all
  const schemas = createSchemas(routes.map(({ spec }) => spec.output))
  const codes: Codes = Object.assign({}, platformCodes, ...services.map((service) => service.codes))
  const paths: OpenApiDocument['paths'] = {}
  for (const route of routes) {
    const path = paths[route.template] ?? {}
    path[route.method.toLowerCase()] = operationOf(route, schemas, codes)
    paths[route.template] = path
  }

  return {
    openapi: '3.1.0',
    info,
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ name }) => name.split('.')[0]!))].map((name) => ({ name })),
    security: [{ bearer: [] }, { password: [] }],
    paths,
    components: components(schemas),
  }
}

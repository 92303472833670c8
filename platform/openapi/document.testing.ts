import { Ajv2020 } from 'ajv/dist/2020.js'
import { partsOf } from '../http/testing/app.testing.ts'
import { createBooks } from '../http/testing/service.testing.ts'
import type { OneResponse, ResponseOrRef } from './document/response.ts'

/** Of the books service. */
export const { document } = partsOf([createBooks()])

export const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation, id: operation.operationId })),
)

/** A response itself, where it may be named only. */
export const resolved = (one: ResponseOrRef | undefined): OneResponse | undefined =>
  one && '$ref' in one ? document.components.responses[one.$ref.split('/').at(-1)!] : one

export const ajv = () => new Ajv2020({ strict: false, validateFormats: false })

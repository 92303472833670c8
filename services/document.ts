import type { OpenApiDocument } from '../platform/openapi/document.ts'
import { openApiDocument } from '../platform/openapi/document.ts'
import { allCodes, contracts } from './catalog.ts'

/** The one document of all services, whichever of them answers it. */
export const documentOf = (): OpenApiDocument =>
  openApiDocument({
    services: Object.entries(contracts).map(([name, contract]) => ({ name, contract, codes: allCodes })),
    info: {
      title: 'Trefoil',
      version: '0.1.0',
      description: 'Users, projects and tasks: typed services over one log.',
    },
  })

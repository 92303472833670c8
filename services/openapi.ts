import type { OpenApiDocument } from '../platform/openapi/document.ts'
import { openApiDocument } from '../platform/openapi/document.ts'
import { allCodes, catalog, contracts, serviceNames } from './catalog.ts'

const DESCRIPTION = `Users, projects, tasks and documents: typed services over one log.

**Authorize** with a username and a password, or send the \`access_token\` of \`POST /token\` as \`Authorization: Bearer …\`.

**A change** is answered when it is decided, with what was made of it, or after the time in \`Prefer\` with a receipt (202), whose
outcome \`GET /operations/{id}\` tells. Every later read shows it. \`Idempotency-Key\` makes its retry safe; \`If-Match\` refuses
it where there is a newer version.

**A refusal** is a problem (RFC 9457) with a stable \`code\`: [all of them](/docs/errors).

Fields that an operation does not know are refused. Answers may get more fields than are named here. A trailing slash is equal to none.`

const ABOUT_OPERATIONS = 'What became of changes that were accepted and not awaited.'

/** The one document of all services, whichever of them answers it. */
export const openApiOfAll = (): OpenApiDocument =>
  openApiDocument({
    services: [
      ...serviceNames.map((name) => ({ ...catalog[name], name, codes: allCodes })),
      { name: 'operations', contract: contracts.operations, codes: allCodes, about: ABOUT_OPERATIONS },
    ],
    info: {
      title: 'Trefoil',
      version: '0.1.0',
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
  })

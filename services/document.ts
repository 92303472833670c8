import type { OpenApiDocument } from '../platform/openapi/document.ts'
import { openApiDocument } from '../platform/openapi/document.ts'
import { allCodes, contracts } from './catalog.ts'

const DESCRIPTION = `Users, projects and tasks: typed services over one log.

**Authorize** with a username and a password, or send the \`access_token\` of \`POST /token\` as \`Authorization: Bearer …\`.

**A change** is answered when it is decided, with what was made of it, or after the time in \`Prefer\` with a receipt (202), whose
outcome \`GET /operations/{id}\` tells. Every later read shows it. \`Idempotency-Key\` makes its retry safe; \`If-Match\` refuses
it where there is a newer version.

**A refusal** is a problem (RFC 9457) with a stable \`code\`: [all of them](/docs/errors).

Fields that an operation does not know are refused. Answers may get more fields than are named here. A trailing slash is equal to none.`

/** What the parts of the document are about. */
const ABOUT = {
  users: 'People, and how they log in. `me` is oneself wherever a user is named.',
  projects: 'Projects and their members. A project is named by its id, number, key or name.',
  tasks: 'Tasks of projects. A task is named by its id or its code, such as `APOLLO-12`.',
  documents: 'Any JSON objects, kept for oneself.',
  operations: 'What became of changes that were accepted and not awaited.',
} as const satisfies Record<keyof typeof contracts, string>

/** The one document of all services, whichever of them answers it. */
export const documentOf = (): OpenApiDocument =>
  openApiDocument({
    services: Object.entries(contracts).map(([name, contract]) => ({
      ...{ name, contract, codes: allCodes },
      about: ABOUT[name as keyof typeof ABOUT],
    })),
    info: {
      title: 'Trefoil',
      version: '0.1.0',
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
  })

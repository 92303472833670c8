import type { Service } from '../../platform/service.ts'
import { codes, documents } from './contract.ts'
import { type DocumentsParts, documentsRouter } from './router.ts'

export const openDocuments = (parts: DocumentsParts): Service => ({
  name: 'documents',
  contract: documents,
  codes,
  router: documentsRouter(parts),
})

import { contract } from '../../platform/contract/contract.ts'
import { nothing } from '../../platform/contract/fields.ts'
import { defineCodes } from '../../platform/errors/codes.ts'
import { Create, DOCUMENT_BYTES, Document, DocumentRef, Documents, List, Remove, Replace } from './schema.ts'

export const codes = defineCodes({
  'document.not_found': { trpc: 'NOT_FOUND', says: 'There is no such document of yours.' },
})

const note = {
  id: '01981ee4-6b10-7d3e-9a41-5c0f1d2e3b47',
  version: 1,
  ownerId: '01981ee4-5a30-7c1e-8a52-3f0c8f3f6a11',
  data: { key: 'value' },
  createdAt: '2026-01-01T09:00:00.000Z',
  updatedAt: '2026-01-01T09:00:00.000Z',
}

export const documents = contract({
  create: {
    kind: 'mutation',
    rest: 'POST /mongo',
    summary: 'Keep a JSON object',
    command: true,
    body: 'data',
    bodyLimit: DOCUMENT_BYTES,
    status: 201,
    location: '/mongo/{id}',
    input: Create,
    output: Document,
    example: { input: { data: { key: 'value' } }, output: note },
  },
  byId: {
    kind: 'query',
    rest: 'GET /mongo/{id}',
    summary: 'One of your documents',
    input: DocumentRef,
    output: Document,
    rejects: ['document.not_found'],
    example: { input: { id: note.id }, output: note },
  },
  list: {
    kind: 'query',
    rest: 'GET /mongo',
    summary: 'Your documents, newest first',
    input: List,
    output: Documents,
    example: { input: { limit: 10 }, output: { items: [note], nextCursor: null } },
  },
  update: {
    kind: 'mutation',
    rest: 'PUT /mongo/{id}',
    summary: 'Replace the JSON of a document',
    command: true,
    body: 'data',
    bodyLimit: DOCUMENT_BYTES,
    input: Replace,
    output: Document,
    rejects: ['document.not_found'],
    example: {
      input: { id: note.id, data: { key: 'other' } },
      output: { ...note, version: 2, data: { key: 'other' } },
    },
  },
  remove: {
    kind: 'mutation',
    rest: 'DELETE /mongo/{id}',
    summary: 'Remove a document',
    command: true,
    status: 204,
    input: Remove,
    output: nothing,
    rejects: ['document.not_found'],
    example: { input: { id: note.id } },
  },
})

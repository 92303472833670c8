import type { Draft } from './command.ts'

/**
 * Makes the drafts of one entity's commands.
 * @param schema version of their payloads
 * @param rootOf the aggregate root, which decides the partition
 */
export const createDrafts =
  <Of extends { id: string }>(schema: number, rootOf: (of: Of) => string) =>
  (type: string, of: Of, payload: Draft['payload'], expectedVersion?: number): Draft => ({
    type,
    schema,
    entity: of.id,
    root: rootOf(of),
    payload,
    ...(expectedVersion !== undefined && { expectedVersion }),
  })

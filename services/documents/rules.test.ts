import { describe, expect, test } from 'vitest'
import type { Command } from '../../platform/commands/command.ts'
import { commandOf, worldOf } from '../../platform/commands/world.testing.ts'
import { users } from '../projects/apollo.testing.ts'
import { rules } from './rules.ts'
import type { StoredDocument } from './schema.ts'

const before = '2026-01-01T09:00:00.000Z'
const now = '2026-01-01T10:00:00.000Z'
const note: StoredDocument = {
  id: 'd1',
  version: 3,
  ownerId: 'mia',
  data: { a: 1, b: [2] },
  createdAt: before,
  updatedAt: before,
}

const says = (type: string, payload: object = {}, actor = 'mia', said: Partial<Command> = {}) =>
  commandOf(type, 'd1', payload, { root: 'mia', actor: { id: actor, role: 'member' }, ...said })

function decide(command: Command, document?: StoredDocument) {
  const world = worldOf({ entities: { user: users, document: document ? [document] : [] } })
  const decision = rules.decide(command, world)
  return 'rejection' in decision ? decision.rejection.code : decision.events
}
const became = (type: string, data: StoredDocument) => [
  { type, schema: 1, kind: 'document', id: 'd1', version: data.version, data },
]

test('create keeps the JSON for whoever asks', () => {
  expect(decide(says('document.create', { data: { a: 1 } }))).toEqual(
    became('document.created', {
      id: 'd1',
      version: 1,
      ownerId: 'mia',
      data: { a: 1 },
      createdAt: now,
      updatedAt: now,
    }),
  )
})

test('replace puts other JSON in its place, whole', () => {
  expect(decide(says('document.replace', { data: { c: 3 } }), note)).toEqual(
    became('document.replaced', { ...note, version: 4, data: { c: 3 }, updatedAt: now }),
  )
})

test('replace makes nothing of the same JSON, in whatever order it is written', () => {
  expect(decide(says('document.replace', { data: { b: [2], a: 1 } }), note)).toEqual([])
  expect(decide(says('document.replace', { data: { b: [2], a: '1' } }), note)).toHaveLength(1)
})

test('remove leaves a tombstone without the JSON', () => {
  expect(decide(says('document.remove'), note)).toEqual(
    became('document.removed', { ...note, version: 4, data: {}, updatedAt: now, deleted: true }),
  )
})

describe.each(['document.replace', 'document.remove'])('%s', (type) => {
  test('finds no document of another, none that was removed, and none that never was', () => {
    for (const actor of ['ivan', 'oleg', 'ada']) {
      expect(decide(says(type, { data: {} }, actor), note)).toBe('document.not_found')
    }
    expect(decide(says(type, { data: {} }), { ...note, deleted: true })).toBe('document.not_found')
    expect(decide(says(type, { data: {} }))).toBe('document.not_found')
  })
})

test.each(['document.create', 'document.replace', 'document.remove'])('%s is refused to a removed user', (type) => {
  const haunted = { ...note, ownerId: 'gone' }
  expect(decide(says(type, { data: {} }, 'gone'), haunted)).toBe('access.forbidden')
  expect(decide(says(type, { data: {} }, 'never was'), haunted)).toBe('access.forbidden')
})

test('a document has an owner: the system makes none', () => {
  expect(decide(commandOf('document.create', 'd1', { data: {} }))).toBe('access.forbidden')
})

test('an unknown command is nobody’s', () => {
  expect(() => decide(says('document.praise'), note)).toThrow('no such command')
})

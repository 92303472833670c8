import { describe, expect, test } from 'vitest'
import type { Entity, Event, Outcome } from '../../../platform/commands/command.ts'
import { commandOf, taskPayload } from '../fixture.testing.ts'
import { pageOf } from './page.ts'
import type { Story } from './story.ts'

const TASK = '01a20a34-10cd-768c-88d0-e7ccc8081f53'
const OTHER = '01a20a34-10cd-768c-88d0-e7ccc8081f54'
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const at = '2026-01-01T10:00:00.000Z'
const command = commandOf('task.create', TASK, taskPayload('Fuel'), {
  ...{ at, request: 'ticket-4711', traceparent: `00-${TRACE}-00f067aa0ba902b7-01` },
  actor: { id: 'anna', role: 'member' },
})
const { id, hash, request, traceparent = '' } = command

const event = (type: string, version: number, of = TASK): Event => {
  const data = { id: of, version, createdAt: at, updatedAt: at }
  return { type, schema: 1, kind: 'task', id: of, version, data }
}

const outcome = (said: Partial<Outcome> = {}): Outcome => ({
  ...{ v: 1, incarnation: 1, partition: 5, offset: 7, command: id, type: 'task.create', entity: TASK, actor: 'anna' },
  ...{ hash, at, request, traceparent, events: [event('task.created', 1)], ...said },
})

/** Of a command that is decided, published and served. */
const story = (said: Partial<Story> = {}): Story => ({
  position: { partition: 5, offset: 7 },
  command,
  outcome: outcome(),
  row: { version: 1, first: true, decidedAt: '2026-01-01T10:00:00.020Z' },
  dead: undefined,
  onEvents: 9,
  progress: { next: 8, published: 8, decided: 8, served: 8, epoch: 1795465165418 },
  mongo: { version: 3 },
  cache: { version: 3, epoch: 1795465165418 },
  ...said,
})

const undecided = story({
  ...{ outcome: undefined, row: undefined, onEvents: undefined, mongo: null, cache: null },
  progress: { next: 4, published: 4, decided: 4, served: 4, epoch: 1795465165418 },
})

test('the page of a command that has come everywhere', () => {
  expect(pageOf(story())).toBe(
    `
command   task.create, of ${TASK}
request   ticket-4711, trace ${TRACE}
accepted  ${at}, from anna (member)
commands  partition 5, offset 7
decided   task.created v1 at 2026-01-01T10:00:00.020Z
events    partition 5, offset 9
MongoDB   served, now at version 3
cache     version 3, of epoch 1795465165418
marks     partition 5: in Postgres below 8, on events 8, decided 8, served 8; epoch 1795465165418 (cache open)`.slice(
      1,
    ),
  )
})

const rejected = { events: [], rejection: { code: 'task.illegal_move' } }
const unchanged = { events: [], entityAsIs: { id: TASK, version: 4, createdAt: at, updatedAt: at } satisfies Entity }
const repeated = { events: [], repeats: { partition: 5, offset: 2 } }
const shut = { next: 8, published: 8, decided: 8, served: 7, epoch: 1795465165419 }

describe.each<[string, [string, Partial<Story>, string][]]>([
  [
    'command',
    [
      ['is told by its outcome where the log cannot be read', { command: 'it is not JSON' }, `task.create, of ${TASK}`],
      ['that cannot be read says why', { command: 'it is not JSON', outcome: undefined }, 'it is not JSON'],
    ],
  ],
  [
    'request',
    [
      ['of no trace', { command: commandOf('task.create', TASK, {}) }, 'request, trace none'],
      ['that the record does not name', { command: { ...command, request: '' } }, `unknown, trace ${TRACE}`],
      ['of what nobody can read', { command: 'it is not JSON', outcome: undefined }, 'unknown, trace none'],
    ],
  ],
  [
    'accepted',
    [
      ['from the system', { command: commandOf('task.create', TASK, {}) }, `${at}, from nobody (system)`],
      ['without its sender, where the log is not there', { command: 'the log does not have it' }, at],
      ['at no known time', { command: 'it is not JSON', outcome: undefined }, 'unknown'],
    ],
  ],
  [
    'decided',
    [
      ['not yet', undecided, 'not yet: 3 records are before it'],
      ['set aside', { dead: 'the rules threw: a bug', row: undefined }, deadLetter('the rules threw: a bug')],
      ['rejected', { outcome: outcome(rejected), row: undefined }, 'rejected, task.illegal_move'],
      [
        'rejected, with what is particular to it',
        { outcome: outcome({ ...rejected, rejection: { code: 'task.parent', detail: 'a loop' } }), row: undefined },
        'rejected, task.parent (a loop)',
      ],
      ['a repeat', { outcome: outcome(repeated), row: undefined }, 'a repeat of 5:2, whose answer it gets'],
      [
        'nothing had to change',
        { outcome: outcome(unchanged), row: { version: null, first: true, decidedAt: at } },
        `nothing had to change, version 4 at ${at}`,
      ],
      [
        'of others, too',
        { outcome: outcome({ events: [event('task.removed', 2), event('task.updated', 6, OTHER)] }), row: undefined },
        `task.removed v2, task.updated of ${OTHER} v6`,
      ],
    ],
  ],
  ['events', [['not yet', undecided, 'not yet']]],
  [
    'MongoDB',
    [
      ['not yet', undecided, 'not yet'],
      ['rejected', { outcome: outcome(rejected), mongo: null }, 'nothing to be served'],
      ['a repeat', { outcome: outcome(repeated) }, 'nothing to be served'],
      ['of another store', { mongo: null }, 'not used for this: it is served from Postgres'],
      ['that does not answer', { mongo: { failed: 'MongoDB does not answer' } }, 'MongoDB does not answer'],
      ['served, and removed', { mongo: { version: undefined } }, 'served, now at version unknown: it is not there'],
      ['behind', { progress: shut, mongo: { version: 2 } }, 'not served yet, there is version 2'],
      ['behind, and new', { progress: shut, mongo: { version: undefined } }, 'not served yet, not there'],
    ],
  ],
  [
    'cache',
    [
      ['not yet', undecided, 'not yet'],
      ['of a process', { cache: null }, 'nothing to look at'],
      ['without it', { cache: 'nothing' }, 'does not have it; the next reader loads it'],
      ['that does not answer', { cache: { failed: 'Redis does not answer' } }, 'Redis does not answer'],
    ],
  ],
  [
    'marks',
    [
      [
        'while the cache is shut',
        { progress: shut },
        `partition 5: in Postgres below 8, on events 8, decided 8, served 7; epoch ${shut.epoch} (cache shut)`,
      ],
    ],
  ],
])('the line of %s', (name, cases) => {
  test.each(cases)('%s', (_, said, line) => {
    const [found] = pageOf(story(said)).match(new RegExp(`^${name} .*$`, 'm')) ?? []
    expect(found).toBe(name.padEnd(10) + line)
  })
})

function deadLetter(reason: string): string {
  return `set aside as a dead letter (${reason}): npm run dlq -- show 5:7`
}

import { traceIdOf } from '../../../platform/telemetry/traceparent.ts'
import type { Story } from './story.ts'

/** A story for people: a line for each place that the command has come to, or has not. */
export function pageOf(story: Story): string {
  const { position, command, outcome, row, onEvents } = story
  const { partition, offset } = position
  const known = typeof command === 'string' ? outcome : command
  const actor = typeof command === 'string' ? undefined : command.actor
  const lines: [string, string][] = [
    ['command', known ? `${known.type}, of ${known.entity}` : String(command)],
    ['request', `${known?.request || 'unknown'}, trace ${traceIdOf(known?.traceparent) ?? 'none'}`],
    ['accepted', `${known?.at ?? 'unknown'}${actor ? `, from ${actor.id ?? 'nobody'} (${actor.role})` : ''}`],
    ['commands', `partition ${partition}, offset ${offset}`],
    ['decided', `${decided(story)}${row ? ` at ${row.decidedAt}` : ''}`],
    ['events', onEvents === undefined ? 'not yet' : `partition ${partition}, offset ${onEvents}`],
    ['MongoDB', inMongo(story)],
    ['cache', inCache(story)],
    ['marks', marks(story)],
  ]
  return lines.map(([name, text]) => `${name.padEnd(10)}${text}`).join('\n')
}

function decided({ outcome, row, dead, position, progress }: Story): string {
  if (!outcome) return `not yet: ${position.offset - progress.next} records are before it`
  const { rejection, repeats, events } = outcome
  if (dead !== undefined) return `set aside as a dead letter (${dead}): npm run dlq -- show ${at(position)}`
  if (rejection) return `rejected, ${rejection.code}${rejection.detail ? ` (${rejection.detail})` : ''}`
  if (repeats) return `a repeat of ${at(repeats)}, whose answer it gets`
  const version = row?.version ?? outcome.entityAsIs?.version ?? events.at(-1)?.version
  const made = events.map(({ type, id, version }) => `${type}${id === outcome.entity ? '' : ` of ${id}`} v${version}`)
  return made.length > 0 ? made.join(', ') : `nothing had to change, version ${version}`
}

function inMongo({ outcome, mongo, progress, position }: Story): string {
  if (!outcome) return 'not yet'
  if (outcome.rejection || outcome.repeats) return 'nothing to be served'
  if (mongo === null) return 'not used for this: it is served from Postgres'
  if ('failed' in mongo) return mongo.failed
  if (progress.served > position.offset) return `served, now at version ${mongo.version ?? 'unknown: it is not there'}`
  return `not served yet, ${mongo.version === undefined ? 'not there' : `there is version ${mongo.version}`}`
}

function inCache({ outcome, cache }: Story): string {
  if (!outcome) return 'not yet'
  if (cache === null) return 'nothing to look at'
  if (cache === 'nothing') return 'does not have it; the next reader loads it'
  return 'failed' in cache ? cache.failed : `version ${cache.version}, of epoch ${cache.epoch}`
}

function marks({ position: { partition }, progress }: Story): string {
  const { next, published, decided, served, epoch } = progress
  const cache = epoch % 2 === 1 ? 'shut' : 'open'
  return `partition ${partition}: in Postgres below ${next}, on events ${published}, decided ${decided}, served ${served}; epoch ${epoch} (cache ${cache})`
}

const at = ({ partition, offset }: Story['position']): string => `${partition}:${offset}`

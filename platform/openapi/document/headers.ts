import { refTo } from './ref.ts'
import type { JsonSchema } from './schemas.ts'

const text = { type: 'string' }
const ETAG = '"[1-9][0-9]{0,14}(?:-[0-9a-f]{12})?"'

/** Examples stand in the schema, for programs: one beside it would be sent by whoever only tries an operation in Swagger UI. */
const header = (name: string, description: string, schema: JsonSchema = text) => ({
  name,
  in: 'header',
  description,
  schema,
})

/** Request headers, by the name of their component. */
export const PARAMETERS = {
  IdempotencyKey: header(
    'Idempotency-Key',
    'Makes a retry safe: the same key with the same input is answered as the first time, for seven days. ' +
      'Any text that is new for each change, such as a UUID.',
    { type: 'string', pattern: '^[!-~](?:[ -~]{0,198}[!-~])?$', maxLength: 200 },
  ),
  IfMatch: header(
    'If-Match',
    'The `ETag` as it was read, such as `"3-4a1d9a4a7b22"`: refused with 412 if there is a newer one, or the path leads to something else by now. ' +
      'A version alone, as a body has it, does too: `"3"`; so does a list, if one of it fits. Without it, or with `*`, the fields that are sent win.',
    {
      type: 'string',
      pattern: `^(?:${ETAG}(?:, ${ETAG}){0,9}|\\*)$`,
      examples: ['"3-4a1d9a4a7b22"', '"3"'],
    },
  ),
  IfNoneMatch: header(
    'If-None-Match',
    'ETags that are known, such as `"3-4a1d9a4a7b22"`: answered with 304 and no body if one is current.',
    { type: 'string', examples: ['"3-4a1d9a4a7b22"'] },
  ),
  Prefer: header(
    'Prefer',
    'How long to wait for the outcome. `wait=5`: so many seconds, 0 to 10; 2 by default. `respond-async`: not at all. ' +
      'Who does not wait long enough gets 202. What is not understood is passed over.',
    { type: 'string', examples: ['wait=5', 'respond-async'] },
  ),
  ConsistencyToken: header(
    'Consistency-Token',
    'As an earlier answer had it: what that answer saw is seen again, on whatever instance, or the answer is 503. ' +
      'Several are separated by commas.',
    { type: 'string', pattern: '^[\\w-]+(?:, ?[\\w-]+)*$', examples: ['AQ'] },
  ),
  LastEventId: header('Last-Event-ID', 'The id of the last event that was received: the stream goes on behind it.'),
}

/** Response headers. */
export const HEADERS = {
  'X-Request-Id': { description: 'Finds the request in the log. The one that was sent, if one was.', schema: text },
  ETag: {
    description: 'The version, and the end of the id, for If-Match and If-None-Match.',
    schema: text,
    example: '"3-4a1d9a4a7b22"',
  },
  Location: { description: 'Where it is.', schema: { type: 'string', format: 'uri-reference' } },
  'Consistency-Token': { description: 'Covers this change; send it to see it, wherever you ask.', schema: text },
  'Retry-After': { description: 'Seconds after which a retry makes sense.', schema: { type: 'integer', minimum: 1 } },
  'WWW-Authenticate': { description: 'How to authenticate.', schema: text, example: 'Bearer' },
}

/** The headers that an answer has for certain. */
export const headers = (...names: (keyof typeof HEADERS)[]): Record<string, { $ref: string }> =>
  Object.fromEntries(['X-Request-Id', ...names].map((name) => [name, refTo('headers', name)]))

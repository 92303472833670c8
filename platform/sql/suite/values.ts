import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Bench } from './bench.ts'

/** Parameters and results have one shape whatever the adapter. */
export function valuesSuite(bench: Bench) {
  const { sql, value } = bench
  describe('values', () => {
    test.each([
      ['null', 'NULL::text', null],
      ['text', "'Ёлка İ 😀'", 'Ёлка İ 😀'],
      ['boolean', 'true', true],
      ['smallint', '7::smallint', 7],
      ['bigint', '9007199254740991::bigint', 9007199254740991],
      ['double precision', '1.5::float8', 1.5],
      ['numeric stays text', '12.30::numeric', '12.30'],
      ['date stays text', "'2026-02-03'::date", '2026-02-03'],
      ['timestamptz', "'2026-02-03 04:05:06.789+02'::timestamptz", '2026-02-03T02:05:06.789Z'],
      ['timestamptz without a fraction', "'2026-02-03 04:05:06+00'::timestamptz", '2026-02-03T04:05:06.000Z'],
      ['timestamptz infinity', "'infinity'::timestamptz", 'infinity'],
      ['uuid', "'0190a0a0-0000-7000-8000-000000000001'::uuid", '0190a0a0-0000-7000-8000-000000000001'],
      ['json', `'{"a":[1,null]}'::json`, { a: [1, null] }],
      ['jsonb null', `'null'::jsonb`, null],
      ['jsonb string', `'"x"'::jsonb`, 'x'],
      ['empty array', `'{}'::text[]`, []],
      [
        'array of arrays',
        `'{{1,2},{3,NULL}}'::int[]`,
        [
          [1, 2],
          [3, null],
        ],
      ],
      ['array with bounds', `'[0:1]={1,2}'::int[]`, [1, 2]],
      ['array of times', `ARRAY['2026-02-03 00:00:00+00'::timestamptz]`, ['2026-02-03T00:00:00.000Z']],
      ['array of jsonb', `ARRAY['{"a":1}', NULL, '[2]']::jsonb[]`, [{ a: 1 }, null, [2]]],
      ['bytea', `'\\x00ff'::bytea`, new Uint8Array([0, 255])],
    ])('%s', async (_type, expression, expected) => {
      expect(await value(expression)).toEqual(expected)
    })

    test.each([
      ['undefined as NULL', '$1::text', undefined, null],
      ['a number', '$1::int', 7, 7],
      ['a number for text', '$1::text', 7, '7'],
      ['a boolean', '$1::bool', false, false],
      ['text for a boolean', '$1::bool', 'yes', true],
      ['a bigint', '$1::bigint', 12n, 12],
      ['a time', '$1::timestamptz', new Date('2026-02-03T04:05:06.789Z'), '2026-02-03T04:05:06.789Z'],
      ['a time as text', '$1::timestamptz', '2026-02-03T04:05:06.789Z', '2026-02-03T04:05:06.789Z'],
      ['an object as jsonb', '$1::jsonb', { a: { b: [1, 'ё'] } }, { a: { b: [1, 'ё'] } }],
      ['JSON text as jsonb', '$1::jsonb', '[1,"2"]', [1, '2']],
      ['bytes', '$1::bytea', new Uint8Array([1, 255]), new Uint8Array([1, 255])],
      ['an empty array', '$1::text[]', [], []],
      [
        'text that looks like array syntax',
        '$1::text[]',
        ['a,b', '{}', '"', '\\', 'NULL', '', null, ' '],
        ['a,b', '{}', '"', '\\', 'NULL', '', null, ' '],
      ],
      ['numbers', '$1::int[]', [1, null, -3], [1, null, -3]],
      ['bigints', '$1::bigint[]', [1n, 2 ** 40], [1, 2 ** 40]],
      ['booleans', '$1::bool[]', [true, null, false], [true, null, false]],
      [
        'objects and JSON text as jsonb[]',
        '$1::jsonb[]',
        [{ a: '"\\' }, '[1]', '"s"', null],
        [{ a: '"\\' }, [1], 's', null],
      ],
      [
        'arrays of arrays',
        '$1::int[]',
        [
          [1, 2],
          [3, 4],
        ],
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ])('%s as a parameter', async (_type, expression, given, expected) => {
      expect(await value(expression, given)).toEqual(expected)
    })

    test('any text and any JSON come back as they were sent', async () => {
      const text = fc.string({ unit: 'grapheme' }).filter((string) => !string.includes('\0'))
      const json = fc.jsonValue({ stringUnit: 'grapheme' }).map((parsed) => JSON.stringify(parsed))
      const storable = json.filter((string) => !string.includes('\\u0000')) // jsonb holds no NUL
      await fc.assert(
        fc.asyncProperty(fc.array(fc.option(text)), fc.array(storable), async (texts, documents) => {
          const rows = await sql.query('SELECT $1::text[] AS texts, $2::jsonb[] AS documents', [texts, documents])
          expect(rows).toEqual([{ texts, documents: documents.map((document) => JSON.parse(document)) }])
        }),
        { numRuns: 100 },
      )
    })

    test('a parameter that cannot be sent is refused before it is', async () => {
      await expect(value('$1', () => 1)).rejects.toThrow(TypeError)
      expect(await value('1')).toBe(1)
    })
  })
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLogger } from './log.ts'

function logged(write: (log: ReturnType<typeof createLogger>) => void, level = 'info'): Record<string, unknown>[] {
  const lines: string[] = []
  write(createLogger({ service: 'tasks', level, destination: { write: (line) => lines.push(line) } }))
  return lines.map((line) => JSON.parse(line))
}

describe('createLogger', () => {
  test('writes one JSON object a line: time, level, service, message', () => {
    const [line] = logged((log) => log.info({ partition: 3 }, 'decided'))
    expect(line).toMatchObject({ level: 'info', service: 'tasks', partition: 3, msg: 'decided' })
    expect(new Date(String(line?.time)).toJSON()).toBe(line?.time)
  })

  test('leaves out what is below the level', () => {
    expect(logged((log) => log.debug('quiet'))).toEqual([])
    expect(logged((log) => log.debug('loud'), 'debug')).toHaveLength(1)
  })

  test('children carry their bindings', () => {
    const [line] = logged((log) => log.child({ requestId: 'r1' }).warn('slow'))
    expect(line).toMatchObject({ service: 'tasks', requestId: 'r1', level: 'warn' })
  })

  test('errors keep their stack', () => {
    const [line] = logged((log) => log.error({ err: new Error('gone') }, 'failed'))
    expect(line).toMatchObject({ err: { message: 'gone', stack: expect.stringContaining('log.test.ts') } })
  })
})

describe('secrets are redacted', () => {
  test.each(['authorization', 'Authorization', 'cookie', 'set-cookie', 'password', 'newPassword', 'refresh_token'])(
    '%s at any depth',
    (name) => {
      const shallow = { [name]: 'hunter2' }
      const lines = logged((log) => {
        log.info(shallow)
        log.info({ request: { headers: { deep: shallow } } })
        log.info({ list: [{ [name]: ['hunter2', 'a]"hunter2'] }] })
        log.child(shallow).info('child')
        log.error(Object.assign(new Error('failed'), shallow))
      })
      expect(JSON.stringify(lines)).not.toContain('hunter2')
      expect(lines[0]?.[name]).toBe('[redacted]')
    },
  )

  test.each([
    [{ password: { value: 'hunter2' } }],
    [{ tokens: { access: 'hunter2', refresh: ['hunter2'] } }],
    [{ tokens: [{ value: 'hunter2' }, ['hunter2']] }],
    [{ deep: [{ secrets: { a: { b: 'hunter2' } } }] }],
    [{ password: 7482910 }],
    [{ 'a "password"': 'hunter2' }],
    [{ 'password\n"': ['hunter2'] }],
  ])('whatever the type of the value: %j', (members) => {
    const lines = logged((log) => {
      log.info({ ...members, other: [1, { a: null }] }, 'x')
      log.child(members).info('child')
      log.error(Object.assign(new Error('failed'), members))
    })
    expect(lines).toHaveLength(3)
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|7482910/)
    expect(lines[0]).toMatchObject({ other: [1, { a: null }], msg: 'x' })
  })

  test('whatever the value, the line stays JSON and the rest of it stays as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string()), fc.string(), (value, list, other) => {
        const [line] = logged((log) => log.info({ token: value, cookie: list, other }, 'x'))
        expect(line).toMatchObject({ token: '[redacted]', cookie: '[redacted]', other, msg: 'x' })
      }),
    )
  })

  test('a word in a value is not a secret', () => {
    const [line] = logged((log) => log.info({ reason: 'password', list: ['token', 'x'] }, 'token expired'))
    expect(line).toMatchObject({ reason: 'password', list: ['token', 'x'], msg: 'token expired' })
  })
})

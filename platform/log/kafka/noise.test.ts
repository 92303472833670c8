import process from 'node:process'
import { expect, test, vi } from 'vitest'
import { createClient } from './client.ts'
import { silenceNegativeTimeouts } from './warnings.ts'

test('the warning of a negative timeout is left out, all others arrive', async () => {
  const seen: string[] = []
  process.on('warning', ({ name }) => seen.push(name))
  silenceNegativeTimeouts()
  silenceNegativeTimeouts()
  process.emitWarning('-1 is a negative number', 'TimeoutNegativeWarning')
  process.emitWarning('something else', 'OtherWarning')
  await vi.waitFor(() => expect(seen).toEqual(['OtherWarning']))
})

test('errors of kafkajs are warnings, told once in a while; replies that it deals with are details', () => {
  const lines: [level: string, message: string][] = []
  const to = (level: string) => (_: object, message: string) => lines.push([level, message])
  const logger = { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') }
  const kafka = createClient({ brokers: ['localhost:9'], clientId: 'test', logger }).logger()
  kafka.error('Connection refused')
  kafka.error('Connection refused')
  kafka.namespace('Connection').error('Response GroupCoordinator(key: 10, version: 2)')
  kafka.warn('The group is rebalancing, re-joining')
  kafka.info('Consumer has joined the group')
  expect(lines.map(([level]) => level)).toEqual(['warn', 'debug', 'debug', 'info'])
})

import { readFileSync } from 'node:fs'
import process from 'node:process'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { newId } from '../../ids.ts'
import type { KafkaAccess, SaslMechanism } from '../access.ts'
import { openKafkaLog } from '../kafka.ts'
import { type Log, LogUnavailable } from '../port.ts'
import { recorder } from '../suite/recorder.ts'

const { STACK_SECURE_KAFKA: broker, STACK_SECURE_KAFKA_CA: authority } = process.env
if (!broker || !authority) {
  throw new Error('These tests need a Kafka with TLS and SASL: eval "$(test/stack/stack up)" starts one.')
}

const ca = readFileSync(authority, 'utf8')
const by = (mechanism: SaslMechanism, password = 'secret') => ({ mechanism, username: 'trefoil', password })
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

let log: Log | undefined
afterEach(async () => {
  await log?.close()
  log = undefined
})

async function open(access: KafkaAccess): Promise<Log> {
  log = await openKafkaLog({ brokers: [broker!], clientId: 'test', topicPrefix: `${newId()}.`, access })
  return log
}

describe.each(mechanisms)('Kafka over TLS, login by %s', { timeout: 60_000 }, (mechanism) => {
  test('is a log like any other: written, read, described, consumed', async () => {
    const { append, read, describe: look, consume } = await open({ tls: true, ca, login: by(mechanism) })
    expect(await append('commands', [{ partition: 3, key: 'k', value: 'v' }])).toEqual([0])
    expect(await read('commands', 3, 0, 10)).toEqual([expect.objectContaining({ key: 'k', value: 'v', offset: 0 })])
    expect((await look('commands')).ends[3]).toBe(1)
    const member = recorder(log!, { 3: 0 })
    const consumption = await consume('commands', 'readers', member.consumer)
    await vi.waitFor(() => expect(member.of(3).map(({ value }) => value)).toEqual(['v']), 30_000)
    await consumption.close()
  })

  test('with a wrong password is not waited for: a sentence says what to correct', async () => {
    const refused = open({ tls: true, ca, login: by(mechanism, 'wrong') }).catch((error: unknown) => error)
    expect(await refused).not.toBeInstanceOf(LogUnavailable)
    expect(await refused).toMatchObject({ message: expect.stringMatching(/^Kafka refuses the login .+KAFKA_PASSWORD/) })
  })
})

describe('Kafka over TLS', { timeout: 60_000 }, () => {
  test('is not spoken to where its certificate is not trusted', async () => {
    const refused = open({ tls: true, login: by('plain') })
    await expect(refused).rejects.toThrow(/self-signed certificate/)
  })

  test('does not answer who speaks in the clear', async () => {
    await expect(open({ login: by('plain') })).rejects.toBeInstanceOf(LogUnavailable)
  })
})

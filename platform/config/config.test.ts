import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'
import { envExample, settingsTable } from './reference.ts'
import { type Setting, settings } from './settings.ts'

const directory = mkdtempSync(join(tmpdir(), 'trefoil-config-'))
afterAll(() => rmSync(directory, { recursive: true }))

function complaintsOf(env: Record<string, string>, options = {}): readonly string[] {
  try {
    readConfig({ env, ...options })
  } catch (error) {
    if (error instanceof ConfigError) return error.complaints
    throw error
  }
  return []
}

describe('readConfig', () => {
  test('needs nothing: every part embedded, reached from this machine alone', () => {
    const config = readConfig({ env: {} })
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8000, dataDir: '.data', demoData: true })
    expect(config.kafkaBrokers).toBeUndefined()
    expect(config.rateLimit).toBeUndefined()
    expect(config.corsOrigins).toEqual([])
  })

  test('takes an empty value for none', () => {
    expect(readConfig({ env: { REDIS_URL: '', PORT: '' } })).toMatchObject({ redisUrl: undefined, port: 8000 })
  })

  test('reads lists, numbers and switches', () => {
    const config = readConfig({
      env: {
        KAFKA_BROKERS: 'kafka-1:9092, 10.0.0.2:9092,',
        CORS_ORIGINS: 'https://app.example.com,http://localhost:5173',
        DEMO_DATA: 'yes',
        PORT: '0',
      },
    })
    expect(config.kafkaBrokers).toEqual(['kafka-1:9092', '10.0.0.2:9092'])
    expect(config.corsOrigins).toEqual(['https://app.example.com', 'http://localhost:5173'])
    expect(config).toMatchObject({ demoData: true, port: 0 })
  })

  test('leaves demo data out once a part is real', () => {
    expect(readConfig({ env: { REDIS_URL: 'redis://localhost' } }).demoData).toBe(false)
    expect(readConfig({ env: { REDIS_URL: 'redis://localhost', DEMO_DATA: 'true' } }).demoData).toBe(true)
  })

  test('accepts a MongoDB URL of several hosts', () => {
    const url = 'mongodb://a:27017,b:27017/trefoil?replicaSet=rs0'
    expect(readConfig({ env: { MONGO_URL: url } }).mongoUrl).toBe(url)
  })

  test('complains about everything at once', () => {
    const complaints = complaintsOf({ PORT: 'abc', REDIS_URL: 'http://x', KAFKA_BROKERS: 'kafka', HOST: 'ok' })
    expect(complaints).toEqual([
      'PORT is "abc", which is not a port number (0 to 65535); for example PORT=8000',
      'KAFKA_BROKERS is "kafka", which is not a list of host:port, separated by commas; for example KAFKA_BROKERS=kafka-1:9092,kafka-2:9092',
      'REDIS_URL is not a URL that begins redis:// or rediss://; for example REDIS_URL=redis://redis:6379/0',
    ])
  })

  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '8e3'],
    ['DEMO_DATA', 'maybe'],
    ['LOG_LEVEL', 'loud'],
    ['CORS_ORIGINS', 'https://app.example.com/'],
    ['CORS_ORIGINS', '*'],
    ['TRUST_PROXY', '10.0.0.0/8'],
    ['RATE_LIMIT', '0'],
    ['ADMIN_PASSWORD', 'short'],
    ['MONGO_URL', 'postgres://x'],
  ])('refuses %s=%s', (name, value) => {
    expect(complaintsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} is `))])
  })

  test('names what this process needs and lacks', () => {
    const options = { needs: ['DATABASE_URL', 'MONGO_URL'], as: 'the tasks service' }
    expect(complaintsOf({ MONGO_URL: 'mongodb://mongo' }, options)).toEqual([
      'DATABASE_URL is missing: the tasks service needs it; for example DATABASE_URL=postgres://trefoil:secret@postgres:5432/trefoil',
    ])
  })

  test('reads any value from a file', () => {
    const file = join(directory, 'password')
    writeFileSync(file, 'a long enough one\n')
    expect(readConfig({ env: { ADMIN_PASSWORD_FILE: file } }).adminPassword).toBe('a long enough one')
  })

  test('refuses a file that is not there, and a value set twice', () => {
    const missing = join(directory, 'none')
    expect(complaintsOf({ PORT_FILE: missing })[0]).toContain('the file that PORT_FILE names')
    expect(complaintsOf({ PORT: '1', PORT_FILE: missing })[0]).toContain('set twice')
  })

  test('takes what goes together from wherever it is', () => {
    const ca = '-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n'
    const [password, authority] = [join(directory, 'kafka'), join(directory, 'ca.pem')]
    writeFileSync(password, 'hunter2')
    writeFileSync(authority, ca)
    const env = { KAFKA_TLS: 'true', KAFKA_CA_FILE: authority, KAFKA_USERNAME: 'ann', KAFKA_PASSWORD_FILE: password }
    const config = readConfig({ env })
    expect(config).toMatchObject({ kafkaTls: true, kafkaUsername: 'ann', kafkaPassword: 'hunter2', kafkaSasl: 'plain' })
    expect(config.kafkaCa?.trim()).toBe(ca.trim())
  })

  test.each([
    ['KAFKA_USERNAME', 'ann', 'KAFKA_PASSWORD'],
    ['KAFKA_PASSWORD', 'hunter2', 'KAFKA_USERNAME'],
    ['KAFKA_CA', '-----BEGIN CERTIFICATE-----x-----END CERTIFICATE-----', 'KAFKA_TLS'],
  ])('refuses %s alone', (name, value, other) => {
    expect(complaintsOf({ [name]: value })).toEqual([`${name} is set and ${other} is not: they go together`])
  })

  test('keeps secrets out of complaints', () => {
    const complaints = complaintsOf({ ADMIN_PASSWORD: 'hunter2', DATABASE_URL: 'pg://trefoil:hunter2@db/x' })
    expect(complaints).toHaveLength(2)
    expect(complaints.join()).not.toContain('hunter2')
  })
})

describe('the reference', () => {
  test.each(Object.entries<Setting>(settings))('%s: its example and its default are accepted', (name, setting) => {
    const other = setting.with && settings[setting.with as keyof typeof settings].example
    expect(complaintsOf({ [name]: setting.example, ...(other && { [setting.with!]: other }) })).toEqual([])
    if (setting.fallback !== undefined) expect(setting.read.safeParse(setting.fallback).success).toBe(true)
  })

  test('.env.example lists every setting (`npm run docs` writes it anew)', () => {
    expect(readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')).toBe(envExample())
  })

  test('the table has a row for every setting', () => {
    for (const name of Object.keys(settings)) expect(settingsTable()).toContain(`| \`${name}\` |`)
  })
})

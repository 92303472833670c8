import { expect, test } from 'vitest'
import { readConfig } from '../platform/config/config.ts'
import { banner } from './banner.ts'
import { everything, type Role } from './start.ts'

const url = 'http://127.0.0.1:8000'
const tasks: Role = { name: 'tasks', services: ['tasks'], consumer: false }
const consumer: Role = { name: 'consumer', services: [], consumer: true }
const KAFKA_BROKERS = 'kafka:9092'
const DATABASE_URL = 'postgres://postgres/trefoil'

test.each([
  [
    'everything embedded',
    everything,
    {},
    ['Trefoil   http://127.0.0.1:8000', 'Docs      http://127.0.0.1:8000/docs', 'Data      in .data'],
  ],
  [
    'a part of it real',
    everything,
    { REDIS_URL: 'redis://redis' },
    ['Trefoil   http://127.0.0.1:8000', 'Docs      http://127.0.0.1:8000/docs', 'Data      in .data, on Redis'],
  ],
  [
    'one service',
    tasks,
    { KAFKA_BROKERS, DATABASE_URL },
    [
      'Trefoil   http://127.0.0.1:8000   (the tasks service)',
      'Docs      http://127.0.0.1:8000/docs',
      'Data      on Kafka, Postgres',
    ],
  ],
  [
    'the consumer',
    consumer,
    { KAFKA_BROKERS, DATABASE_URL },
    [
      'Trefoil   http://127.0.0.1:8000   (the consumer)',
      'Health    http://127.0.0.1:8000/readyz',
      'Data      on Kafka, Postgres',
    ],
  ],
] as const)('%s says who it is and where its data is', (_, role, env, lines) => {
  expect(banner(role, readConfig({ env }), url, [])).toBe(['', ...lines.map((line) => `  ${line}`), ''].join('\n'))
})

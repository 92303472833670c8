import { run } from '../run.ts'

await run({ name: 'users', services: ['users'], consumer: false }, ['KAFKA_BROKERS', 'DATABASE_URL'])

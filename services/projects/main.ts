import { run } from '../run.ts'

await run({ name: 'projects', services: ['projects'], consumer: false }, ['KAFKA_BROKERS', 'DATABASE_URL', 'USERS_URL'])

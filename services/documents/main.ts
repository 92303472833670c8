import { run } from '../run.ts'

await run({ name: 'documents', services: ['documents'], consumer: false }, ['KAFKA_BROKERS', 'DATABASE_URL'])

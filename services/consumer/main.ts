import { run } from '../run.ts'

await run({ name: 'consumer', services: [], consumer: true }, ['KAFKA_BROKERS', 'DATABASE_URL'])

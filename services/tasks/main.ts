import { run } from '../run.ts'

await run({ name: 'tasks', services: ['tasks'], consumer: false }, [
  'KAFKA_BROKERS',
  'DATABASE_URL',
  'USERS_URL',
  'PROJECTS_URL',
])

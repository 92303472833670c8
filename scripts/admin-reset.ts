import { join } from 'node:path'
import process from 'node:process'
import { CREDENTIALS_FILE } from '../services/open.ts'
import { resetAdmin } from '../services/users/admin.ts'
import { say, withParts } from './with-parts.ts'

const name = process.argv[2]
await withParts(async ({ sql }, config) => {
  const credentialsFile = config.databaseUrl ? undefined : join(config.dataDir, CREDENTIALS_FILE)
  const { username, password } = await resetAdmin(sql, { name, credentialsFile })
  say(`The password of ${username} is now ${password} (shown once). All sessions of that user have ended.`)
})

import process from 'node:process'
import { resetAdmin } from '../services/users/admin.ts'
import { say, withParts } from './with-parts.ts'

const name = process.argv[2]
await withParts('admin-reset', async ({ sql, secrets }) => {
  const { username, password } = await resetAdmin(sql, { name, secrets })
  say(`The password of ${username} is now ${password} (shown once). All sessions of that user have ended.`)
})

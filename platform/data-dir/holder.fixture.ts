import process from 'node:process'
import { lockDataDir } from './lock.ts'

// For the lock's tests, as a process of its own: says `ready`, for each line tries to lock the directory given, says
// `held` or why not, and holds it for as long as its input is open.
process.stdout.write('ready\n')
process.stdin.on('data', async () => {
  const said = await lockDataDir(process.argv[2] ?? '').then(
    () => 'held',
    (error: Error) => error.message,
  )
  process.stdout.write(`${said}\n`)
})
process.stdin.once('end', () => process.exit())

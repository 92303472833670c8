/** A program for tests: a consumer on real parts, which prints what it owns whenever that changes. It is there to be killed. */
import process from 'node:process'
import { openRealParts } from './real-parts.testing.ts'

const parts = await openRealParts(process.argv[2]!)
const consumer = await parts.start()
let before = ''
setInterval(() => {
  const owned = JSON.stringify(consumer.owned())
  if (owned !== before) process.stdout.write(`${owned}\n`)
  before = owned
}, 50)
process.stdin.on('end', () => process.exit()).resume() // whoever started it is gone

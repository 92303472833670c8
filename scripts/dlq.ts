import process from 'node:process'
import { discard, openDeadLetters, readDeadLetter, requeue } from '../services/consumer/decide/dead-letters.ts'
import { say, withParts } from './with-parts.ts'

const USAGE = `npm run dlq -- list
npm run dlq -- show PARTITION:POSITION
npm run dlq -- requeue PARTITION:POSITION
npm run dlq -- discard PARTITION:POSITION`

const [action = '', at = ''] = process.argv.slice(2)
const [, partition, position] = /^(\d+):(\d+)$/.exec(at) ?? []
if (action !== 'list' && (!['show', 'requeue', 'discard'].includes(action) || position === undefined)) {
  process.stderr.write(`${USAGE}\n`)
  process.exit(2)
}

await withParts('dlq', async ({ sql, log }) => {
  if (action === 'list') {
    const letters = await openDeadLetters(sql)
    for (const letter of letters) say(`${letter.partition}:${letter.position}  ${letter.at}  ${letter.reason}`)
    return say(letters.length === 0 ? 'There are no dead letters.' : `${letters.length} to look at.`)
  }
  const letter = await readDeadLetter(sql, Number(partition), Number(position))
  if (action === 'show') return say(JSON.stringify(letter, null, 2))
  if (action === 'discard') {
    await discard(sql, letter)
    return say(`${at} is discarded.`)
  }
  say(`${at} is sent again, as command ${await requeue(sql, log, letter)}.`)
})

/** A program for tests: a member of a group, which prints what it is assigned and what it receives. */
import process from 'node:process'
import { openKafkaLog } from '../kafka.ts'

const [brokers, topicPrefix, group] = process.argv.slice(2) as [string, string, string]
const log = await openKafkaLog({ brokers: brokers.split(','), clientId: 'fixture', topicPrefix })
const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)
await log.consume('commands', group, {
  async assigned(partition) {
    print({ assigned: partition })
    return 0
  },
  async batch(partition, records) {
    print({ partition, offsets: records.map(({ offset }) => offset) })
    return records.at(-1)!.offset + 1
  },
  async revoked() {},
})

import { join } from 'node:path'
import { settles } from '../waiting.ts'
import { createAccumulator } from './accumulator.ts'
import { makeDirectory } from './files/directory.ts'
import { joinLocally } from './files/membership.ts'
import { openTopicFile, type TopicFile } from './files/topic-file.ts'
import { BATCH_BYTES } from './limits.ts'
import { type Logger, silent } from './logger.ts'
import { type Consumption, type Log, LogUnavailable, type Topic } from './port.ts'

/** How long a write on a disk that hangs may hold up closing. */
const PATIENCE_MS = 5_000

export interface FileLogOptions {
  /** Made if it is missing. It belongs to this process alone; whoever opens the log sees to that. */
  directory: string
  logger?: Logger
}

/** The log in two files of one directory, for one process. */
export async function openFileLog({ directory, logger = silent }: FileLogOptions): Promise<Log> {
  await makeDirectory(directory)
  const commands = await openTopicFile(join(directory, 'commands.log'), 'commands', logger)
  const events = await openTopicFile(join(directory, 'events.log'), 'events', logger).catch(async (error) => {
    await commands.close()
    throw error
  })
  const files: Record<Topic, TopicFile> = { commands, events }
  const writers = { commands: createAccumulator(commands.write), events: createAccumulator(events.write) }
  const members = new Map<string, Consumption>()
  let closing: Promise<void> | undefined

  function openFile(topic: Topic): TopicFile {
    if (closing) throw new LogUnavailable('the log is closed', 'no')
    return files[topic]
  }

  return {
    append: (topic, records) => writers[topic].append(records),

    async consume(topic, group, consumer) {
      const file = openFile(topic)
      const name = `${topic}/${group}`
      if (members.has(name)) throw new Error(`the group ${group} already consumes ${topic} in this process`)
      const member = joinLocally({ file, consumer, logger, left: () => members.delete(name) })
      members.set(name, member)
      return member
    },

    async read(topic, partition, from, limit) {
      return openFile(topic).read(partition, from, limit, BATCH_BYTES)
    },

    async describe(topic) {
      const { id, ends } = openFile(topic)
      return { id, ends: [...ends] }
    },

    async close() {
      closing ??= release()
      await closing
    },
  }

  async function release(): Promise<void> {
    const written = [writers.commands.close(), writers.events.close()]
    await Promise.all([...members.values()].map((member) => member.close()))
    await Promise.all(written)
    await settles(Promise.all([writers.commands.idle(), writers.events.idle()]), PATIENCE_MS)
    await Promise.all([commands.close(), events.close()])
  }
}

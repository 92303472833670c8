import { createAgenda } from './agenda.testing.ts'
import { createChance } from './chance.testing.ts'
import { createDatabase } from './database.testing.ts'
import { openInstance } from './instance.testing.ts'
import { own } from './owner.testing.ts'
import { createRedis } from './redis.testing.ts'
import { subjects } from './subjects.testing.ts'

/** Longer than a ticket's life. */
const CALM_MS = 2_125

/**
 * One run: two instances read, owners make versions, fail, stop and are replaced, the cache forgets, loses and delays.
 * Then all goes well again. Returns what went wrong: a read that was older than what had been told when it started; at
 * the end, an answer that is not the store's or did not come from the cache.
 */
export async function simulate(seed: number): Promise<string | undefined> {
  let wrong: string | undefined
  const chance = createChance(seed)
  const agenda = createAgenda(chance, { 'owner timeout': 0.03, 'reader timeout': 0.02, tick: 0.15, poll: 2, 'poll answer': 2 })
  const redis = createRedis(agenda, chance)
  const database = createDatabase(agenda)
  const subject = subjects[seed % subjects.length]!
  const onWrong = (what: string) => {
    wrong ??= `seed ${seed}, ${subject.name}, ${agenda.now()} ms: ${what}`
  }
  const fell = (error: unknown) => onWrong(String(error))

  const instances = [1, 2].map(() =>
    openInstance({ agenda, chance, database, subject, cache: redis.connect('reader'), onWrong }),
  )
  const readSomewhere = () => void instances[chance.between(0, instances.length)]!.read().catch(fell)
  const readEverywhere = () => {
    for (const instance of instances) instance.read().catch(fell)
  }

  const startOwner = (partition: number, versions: number) =>
    own(partition, versions, {
      agenda,
      chance,
      database,
      subject,
      cache: redis.connect('owner'),
      onTold: readEverywhere,
      onRaised(raised, epoch) {
        for (const instance of instances) agenda.may('message', () => instance.learn(raised, epoch))
      },
    }).catch(fell)
  const startSomeOwner = () =>
    void startOwner(subject.partitions[chance.between(0, subject.partitions.length)]!, chance.between(1, 5))

  for (const partition of subject.partitions) void startOwner(partition, 3)
  agenda.always('read', 0.15, readSomewhere)
  agenda.always('evict', 0.2, redis.evict)
  agenda.always('take over', 0.02, startSomeOwner)
  await agenda.runSteps(chance.between(100, 600))

  redis.calm()
  await agenda.runCalmly(CALM_MS)
  for (const partition of subject.partitions) void startOwner(partition, 0)
  await agenda.runCalmly(1_000)
  for (const instance of instances) {
    let result: string | undefined
    const readTwice = instance.read().then(() => instance.read())
    readTwice.then((last) => {
      result = last
    }, fell)
    await agenda.runCalmly(125)
    if (result !== 'hit') onWrong(`in calm weather the second read was a ${result}`)
  }
  return wrong
}

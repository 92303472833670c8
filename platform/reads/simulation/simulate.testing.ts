import { createChance } from './chance.testing.ts'
import { createDatabase } from './database.testing.ts'
import { openInstance } from './instance.testing.ts'
import { own } from './owner.testing.ts'
import { createRedis } from './redis.testing.ts'
import { subjects } from './subjects.testing.ts'
import { createTime } from './time.testing.ts'
import { createWeather } from './weather.testing.ts'

/** Longer than a ticket, and than the latest of all commands. */
const CALM_MS = 2_500

export type About = keyof typeof subjects
const abouts = Object.keys(subjects) as About[]

/**
 * One run: two instances read, owners make versions, fail, stop and are replaced, the cache forgets, loses and delays.
 * Then all goes well again. Returns what went wrong: a read that was older than what had been told when it started, or
 * newer than the store; at the end, one that did not come from the cache though it could.
 */
export async function simulate(seed: number, about = abouts[seed % abouts.length]!): Promise<string | undefined> {
  let wrong: string | undefined
  const chance = createChance(seed)
  const weather = createWeather(chance)
  const time = createTime(chance)
  const redis = createRedis(time, chance)
  const database = createDatabase(time)
  const subject = subjects[about]
  const onWrong = (what: string) => {
    wrong ??= `simulate(${seed}, '${about}') at ${time.now()} ms: ${what}`
  }
  const fell = (error: unknown) => onWrong(String(error))
  const world = { time, chance, weather, database, subject }

  const instances = [1, 2].map(() => openInstance({ ...world, cache: redis.connect(weather.readerCommand), onWrong }))
  const readSomewhere = () => void instances[chance.between(0, instances.length)]!.read().catch(fell)
  const readEverywhere = () => {
    for (const instance of instances) instance.read().catch(fell)
  }

  const startOwner = (partition: number, versions: number) =>
    own(partition, versions, {
      ...world,
      cache: redis.connect(weather.ownerCommand),
      onChange() {
        if (weather.isEvicting()) redis.evict()
        for (let reads = chance.between(1, 4); reads > 0; reads--) time.after(chance.between(0, 40), readSomewhere)
      },
      onTold: readEverywhere,
      onRaised(raised, epoch) {
        for (const instance of instances) {
          if (chance.of(0.5)) time.after(chance.between(0, 400), () => instance.learn(raised, epoch))
        }
      },
    }).catch(fell)

  const troubled = chance.between(1_000, 4_000)
  const seldom = chance.between(50, 600)
  for (let at = 0; at < troubled; at += chance.between(1, seldom)) time.after(at, readSomewhere)
  for (let at = 0; at < troubled; at += 500) time.after(at, () => weather.isEvicting() && redis.evict())
  for (const partition of subject.partitions) {
    for (let at = 0; at < troubled; at += chance.between(400, 3_000)) {
      time.after(at, () => void startOwner(partition, chance.between(2, 12)))
    }
  }
  await time.runUntil(troubled)

  weather.clear()
  for (let moments = 0; moments < 20; moments++) time.moment()
  await time.runUntil(time.now() + CALM_MS)
  for (const partition of subject.partitions) void startOwner(partition, 0)
  await time.runUntil(time.now() + 1_000)
  for (const instance of instances) {
    let result: string | undefined
    const readTwice = instance.read().then(() => instance.read())
    readTwice.then((last) => {
      result = last
    }, fell)
    await time.runUntil(time.now() + 100)
    if (result !== 'hit') onWrong(`in calm weather the second read was a ${result}`)
  }
  return wrong
}

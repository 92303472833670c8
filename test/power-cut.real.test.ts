import { powerCutSuite } from './power-cut.suite.ts'
import { emptyPlace, realPlace } from './system/place.ts'

// The database is embedded, the log is Kafka.
powerCutSuite(async () => {
  const [real, empty] = [await realPlace(), await emptyPlace()]
  const { KAFKA_BROKERS, TOPIC_PREFIX } = real.env
  return {
    ...empty,
    env: { ...empty.env, KAFKA_BROKERS: KAFKA_BROKERS!, TOPIC_PREFIX: TOPIC_PREFIX! },
    async remove() {
      await Promise.all([real.remove(), empty.remove()])
    },
  }
})

import { Buffer } from 'node:buffer'
import type { Cluster, Kafka } from 'kafkajs'

/**
 * Connections to a cluster, shared by those who use them at the same time. They are closed once they are retired and
 * nobody uses them any more: kafkajs would connect again under whoever is left, and nobody would close that.
 */
export interface Session {
  use<T>(work: (cluster: Cluster) => Promise<T>): Promise<T>
  retire(): Promise<void>
}

export function openSession(kafka: Kafka): Session {
  const cluster = clusterOf(kafka)
  const connected = cluster.connect()
  const uses = new Set<Promise<unknown>>([connected])

  return {
    async use(work) {
      const use = connected.then(() => work(cluster))
      uses.add(use)
      try {
        return await use
      } finally {
        uses.delete(use)
      }
    },
    async retire() {
      await Promise.allSettled(uses)
      await cluster.disconnect().catch(() => undefined)
    },
  }
}

/** kafkajs has no client below its consumer, but it hands its cluster to whoever assigns partitions. */
function clusterOf(kafka: Kafka): Cluster {
  let cluster: Cluster | undefined
  kafka.consumer({
    groupId: 'none',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      (given) => {
        cluster = given.cluster
        const name = 'none'
        return { name, version: 0, assign: async () => [], protocol: () => ({ name, metadata: Buffer.alloc(0) }) }
      },
    ],
  })
  return cluster!
}

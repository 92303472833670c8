import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { within } from '../waiting.ts'

/**
 * The metrics of one process, as Prometheus reads them. Asked again for a name, a helper returns what it made first, so
 * that services in one process share a metric. Names begin with `trefoil_` by themselves.
 */
export interface Metrics {
  counter<L extends string = never>(name: string, help: string, labels?: readonly L[]): Counter<L>
  /**
   * @param collect called at each scrape, for values that are looked up rather than kept; where it fails, or takes longer
   *   than a scrape waits, there is none
   */
  gauge<L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    collect?: (gauge: Gauge<L>) => void | Promise<void>,
  ): Gauge<L>
  /** Of seconds, by default from 1 ms to 10 s. */
  histogram<L extends string = never>(
    name: string,
    help: string,
    labels?: readonly L[],
    buckets?: readonly number[],
  ): Histogram<L>
  /** The body of `GET /metrics`. */
  text(): Promise<string>
  /** Its content type. */
  contentType: string
}

export function createMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })

  function once<M extends Counter | Gauge | Histogram>(name: string, make: (name: string) => M): M {
    const full = `trefoil_${name}`
    return (registry.getSingleMetric(full) as M | undefined) ?? make(full)
  }

  return {
    counter: (label, help, labelNames = []) =>
      once(label, (name) => new Counter({ name, help, labelNames, registers: [registry] })),
    gauge: (label, help, labelNames = [], collect) =>
      once(label, (name) => {
        const gauge = { name, help, labelNames, registers: [registry] }
        if (!collect) return new Gauge(gauge)
        return new Gauge({
          ...gauge,
          async collect() {
            const looked = async () => collect(this)
            const found = await within(
              looked().then(
                () => true,
                () => false,
              ),
              COLLECT_MS,
            )
            if (!found) this.reset()
          },
        })
      }),
    histogram: (label, help, labelNames = [], buckets = SECONDS) =>
      once(label, (name) => new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [registry] })),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

/** Prometheus gives a scrape ten seconds; a part that is away must not take them all. */
const COLLECT_MS = 1000

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

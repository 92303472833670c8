import type { Metrics } from '../telemetry/metrics.ts'
import type { Reply } from './reply.ts'

/** Requests, counted and timed. `procedure` is the name of one there is, or one of a few other words. */
export interface RequestMetrics {
  observe(procedure: string, status: number, seconds: number): void
  page(): Promise<Reply>
}

export function createRequestMetrics(metrics: Metrics): RequestMetrics {
  const labels = ['procedure', 'status'] as const
  const seconds = metrics.histogram('http_request_seconds', 'From a request to the beginning of its answer.', labels)
  return {
    observe: (procedure, status, value) => seconds.observe({ procedure, status: String(status) }, value),
    page: async () => ({ status: 200, headers: { 'content-type': metrics.contentType }, body: await metrics.text() }),
  }
}

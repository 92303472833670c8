import type { Client } from './client.ts'

/** Totals of a process since its start, by metric: those of all labels added up, of some where a pattern says so. */
export type Totals = (metric: string, labels?: RegExp) => number

/** Reads `GET /metrics` as it is now. */
export async function readTotals(client: Client): Promise<Totals> {
  const { status, text } = await client.get('/metrics')
  if (status !== 200) throw new Error(`/metrics answered ${status}`)
  const samples = [...text.matchAll(/^([a-z_:]+)(\{.*\})? (\S+)$/gm)].map(([, name, labels = '', value]) => ({
    name,
    labels,
    value: Number(value),
  }))
  return (metric, labels = /^/) => {
    const found = samples.filter((sample) => sample.name === metric && labels.test(sample.labels))
    return found.reduce((sum, { value }) => sum + value, 0)
  }
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { closedLoop, createClient } from './client.ts'
import { readTotals, type Totals } from './metrics.ts'
import { startProgram } from './programs.ts'
import { median, table } from './table.ts'

/**
 * What a task costs that is made over REST and waited for to the end, in the process that holds everything: beside the
 * floor, in turns, each the median of some rounds.
 *
 *     npm run bench -- --calls 500 --rounds 5 --concurrency 1,16,64
 */
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '1,16,64' },
  },
})
const calls = Number(values.calls)
const rounds = Number(values.rounds)
const levels = values.concurrency.split(',').map(Number)
if (![calls, rounds, ...levels].every((number) => Number.isInteger(number) && number > 0)) {
  throw new Error('--calls, --rounds and --concurrency take whole numbers from 1')
}

/** More than there are partitions, so that no partition is alone with the load. */
const PROJECTS = 20
const password = 'correct-horse-battery'

/** One server under load: it makes a task, or throws. */
interface Contender {
  make(nth: number): Promise<void>
  totals(): Promise<Totals>
  end(): Promise<void>
}

async function startTrefoil(directory: string): Promise<Contender> {
  const program = await startProgram('main.ts', {
    ...{ DATA_DIR: directory, DEMO_DATA: 'false', ADMIN_PASSWORD: password },
  })
  const client = createClient(program.url)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const login = new URLSearchParams({ grant_type: 'password', username: 'admin', password })
  const { access_token } = await created(client.post('/token', `${login}`, form), 200)
  const headers = { authorization: `Bearer ${access_token}`, prefer: 'wait=10' } // as long as may be, so that none is a receipt
  const projects: unknown[] = []
  for (let nth = 0; nth < PROJECTS; nth++) {
    projects.push(
      (await created(client.post('/projects', JSON.stringify({ name: `Project ${nth} of the bench` }), headers))).id,
    )
  }
  return {
    async make(nth) {
      await created(client.post('/tasks', taskOf(nth, projects[nth % PROJECTS]), headers))
    },
    totals: () => readTotals(client),
    async end() {
      client.end()
      await program.end()
    },
  }
}

async function startFloor(directory: string): Promise<Contender> {
  const program = await startProgram('bench/floor.ts', { DATA_DIR: directory })
  const client = createClient(program.url)
  return {
    async make(nth) {
      await created(client.post('/tasks', taskOf(nth, nth % PROJECTS)))
    },
    totals: () => readTotals(client),
    async end() {
      client.end()
      await program.end()
    },
  }
}

const taskOf = (nth: number, projectId: unknown): string =>
  JSON.stringify({ projectId, title: `Task ${nth}`, description: 'Some words on what is to be done.' })

async function created(answer: ReturnType<ReturnType<typeof createClient>['post']>, expected = 201) {
  const { status, text } = await answer
  if (status !== expected) throw new Error(`answered ${status} instead of ${expected}: ${text}`)
  return JSON.parse(text) as Record<string, unknown>
}

interface Round {
  perSecond: number
  p50: number
  p99: number
  /** Of the server, by task. */
  cpuMs: number
  /** By task: transactions, and statements outside of them. */
  transactions: number
  statements: number
  /** Commands decided in one transaction. */
  batch: number
}

async function measure({ make, totals }: Contender, concurrency: number): Promise<Round> {
  const before = await totals()
  const began = performance.now()
  const took = await closedLoop(calls, concurrency, make)
  const seconds = (performance.now() - began) / 1000
  const after = await totals()
  const grown = (...asked: Parameters<Totals>) => after(...asked) - before(...asked)
  return {
    perSecond: calls / seconds,
    p50: took[Math.floor(took.length * 0.5)]!,
    p99: took[Math.floor(took.length * 0.99)]!,
    cpuMs: (grown('process_cpu_seconds_total') * 1000) / calls,
    transactions: grown('trefoil_sql_seconds_count', /kind="transaction"/) / calls,
    statements: grown('trefoil_sql_seconds_count', /kind="query"/) / calls,
    batch: grown('trefoil_consumer_batch_records_sum') / grown('trefoil_consumer_batch_records_count'),
  }
}

const directory = await mkdtemp(join(tmpdir(), 'trefoil-bench-'))
try {
  const trefoil = await startTrefoil(join(directory, 'trefoil'))
  const floor = await startFloor(join(directory, 'floor'))
  const rows: string[][] = []
  for (const concurrency of levels) {
    const ours: Round[] = []
    const theirs: Round[] = []
    for (let round = 0; round < rounds; round++) {
      ours.push(await measure(trefoil, concurrency))
      theirs.push(await measure(floor, concurrency))
    }
    const of = (measured: readonly Round[], figure: keyof Round) => median(measured.map((round) => round[figure]))
    const ratio = (figure: keyof Round) => of(ours, figure) / of(theirs, figure)
    rows.push([
      String(concurrency),
      ...[of(ours, 'cpuMs').toFixed(2), of(theirs, 'cpuMs').toFixed(2), ratio('cpuMs').toFixed(1)],
      ...[of(ours, 'perSecond').toFixed(0), of(theirs, 'perSecond').toFixed(0), ratio('perSecond').toFixed(3)],
      ...[of(ours, 'p50').toFixed(1), of(ours, 'p99').toFixed(1)],
      ...[of(ours, 'transactions').toFixed(2), of(ours, 'statements').toFixed(2), of(ours, 'batch').toFixed(2)],
    ])
  }
  await Promise.all([trefoil.end(), floor.end()])
  const head = [
    ...['at a time', 'CPU ms a task', 'floor', 'ratio', 'tasks a second', 'floor', 'ratio'],
    ...['p50 ms', 'p99 ms', 'transactions a task', 'statements beside', 'commands a transaction'],
  ]
  process.stdout.write(`${rounds} rounds of ${calls} tasks, Node ${process.version}\n\n${table([head, ...rows])}\n`)
} finally {
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
}

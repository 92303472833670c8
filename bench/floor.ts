import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { PGlite } from '@electric-sql/pglite'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { collectDefaultMetrics, register } from 'prom-client'

/**
 * The floor: what a task costs where it is one row of an embedded Postgres and nothing more. One INSERT, a transaction of
 * its own, then 201 with the row. Nobody is authenticated, nothing is checked, numbered, logged, synced or kept for a retry.
 */
const { PORT = '0', DATA_DIR = 'memory://' } = process.env
const db = await PGlite.create(DATA_DIR)
await db.exec('CREATE TABLE tasks (id uuid PRIMARY KEY, data jsonb NOT NULL)')
collectDefaultMetrics()

const app = new Hono()
app.post('/tasks', async (c) => {
  const task = { id: randomUUID(), ...(await c.req.json()), createdAt: new Date().toISOString() }
  await db.query('INSERT INTO tasks (id, data) VALUES ($1, $2)', [task.id, JSON.stringify(task)])
  return c.json(task, 201)
})
app.get('/metrics', async (c) => c.text(await register.metrics()))
app.get('/readyz', (c) => c.text('ready'))
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(PORT) })

process.once('SIGTERM', () => {
  server.close(async () => {
    await db.close()
    process.exit()
  })
})

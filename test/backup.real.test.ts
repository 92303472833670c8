import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openSql } from '../platform/sql/mod.ts'
import { root } from './architecture/sources.ts'
import { createPeople, type Person } from './system/people.ts'
import { type Place, realPlace } from './system/place.ts'
import { type Program, startProcess, startProgram } from './system/program.ts'
import { ask } from './system/rest.ts'
import { admin } from './system.ts'

/*
 * docs/operating.md, "Backup and restore", command by command: a dump of Postgres, then work goes on, then Postgres is lost. The
 * dump gives back what is on no log; everything else comes from `events`, what was done after the dump too.
 */

const directory = mkdtempSync(join(tmpdir(), 'trefoil-backup-'))
const dump = join(directory, 'trefoil.dump')
let place: Place
let program: Program

beforeAll(async () => {
  place = await realPlace()
  await start()
})
afterAll(async () => {
  if (program?.status() === undefined) await program?.end('SIGTERM')
  await place?.remove()
  rmSync(directory, { recursive: true, force: true })
})

async function start(): Promise<void> {
  program = await startProgram({ ...place.env, ADMIN_PASSWORD: admin.password })
  await program.ready()
}

async function run(...command: string[]): Promise<string> {
  const ran = startProcess({ command, cwd: root, env: place.env, url: '' })
  const status = await ran.ended
  if (status !== 0) throw new Error(`${command.join(' ')}: ${ran.said()}`)
  return ran.said()
}

const state = async (person: Person) => {
  const projects = await person.ask('GET', '/projects')
  const tasks = await person.ask('GET', '/tasks?projectId=APOLLO&sort=createdAt')
  return { projects: projects.body, tasks: tasks.body }
}

let ann: Person
let told: Awaited<ReturnType<typeof state>>

async function write(title: string): Promise<string> {
  const made = await ann.ask<{ code: string }>('POST', '/tasks', {
    body: { projectId: 'APOLLO', title },
    headers: { prefer: 'wait=10' },
  })
  expect(made.status).toBe(201)
  return made.body.code
}

/** All tables are gone, and the dump takes their place. */
async function restore(): Promise<void> {
  const sql = await openSql({ url: place.env.DATABASE_URL!, poolSize: 1 })
  await sql.script('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  await sql.close()
  await run('pg_restore', '--exit-on-error', '--no-owner', `--dbname=${place.env.DATABASE_URL}`, dump)
}

async function isAsTold(): Promise<void> {
  ann = await createPeople(program.url, admin).login(ann)
  await vi.waitFor(async () => expect(await state(ann)).toEqual(told), { timeout: 30_000, interval: 100 })
}

test('work goes on after a dump', async () => {
  ann = await createPeople(program.url, admin).join('ann')
  await ann.over('REST').projects.create({ name: 'Apollo', key: 'APOLLO' })
  await write('before the dump')
  await run('pg_dump', '--format=custom', `--file=${dump}`, place.env.DATABASE_URL!)
  await write('after the dump')
  await ann.ask('PATCH', '/tasks/APOLLO-1', { body: { priority: 'high' }, headers: { prefer: 'wait=10' } })
  told = await state(ann)
})

test('a restored database catches up by itself with what was told since', async () => {
  expect(await program.end('SIGTERM')).toBe(0)
  const { token } = ann // begun before the dump
  await restore()
  await start()
  expect((await ask({ url: program.url, token }, 'GET', '/users/me')).status).toBe(200)
  await isAsTold()
  expect(await write('goes on')).toBe('APOLLO-3')
  told = await state(ann)
}, 120_000)

test('npm run rebuild makes it again as a whole, and MongoDB, which had what no log knows of', async () => {
  expect(await program.end('SIGTERM')).toBe(0)
  await restore()
  await forge()
  expect(await run('npm', 'run', '--silent', 'rebuild')).toContain('The database is as events tell it')
  await start()
  await isAsTold()
  expect(await write('and on')).toBe('APOLLO-4')
}, 120_000)

async function forge(): Promise<void> {
  const mongo = new MongoClient(place.env.MONGO_URL!)
  const tasks = mongo.db().collection<{ _id: string; id: string; code: string }>('tasks')
  const task = (await tasks.findOne())!
  const id = task._id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  await tasks.insertOne({ ...task, _id: id, id, code: 'APOLLO-99' })
  await mongo.close()
}

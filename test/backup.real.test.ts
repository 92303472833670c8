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
 * docs/operating.md, "Backup and restore", command by command: a dump of Postgres, then work goes on, then Postgres is lost, and
 * MongoDB is not to be trusted. The dump gives back what is on no log; everything else comes from `events`, what was done after the dump too.
 */

const directory = mkdtempSync(join(tmpdir(), 'trefoil-backup-'))
const dump = join(directory, 'trefoil.dump')
let place: Place
let program: Program

beforeAll(async () => {
  place = await realPlace()
  await start()
}, 60_000)
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

test('a dump and the log give everything back', async () => {
  const ann = await createPeople(program.url, admin).join('ann')
  await ann.ask('POST', '/projects', { body: { name: 'Apollo', key: 'APOLLO' } })
  await ann.ask('POST', '/tasks', { body: { projectId: 'APOLLO', title: 'before the dump' } })
  await run('pg_dump', '--format=custom', `--file=${dump}`, place.env.DATABASE_URL!)
  await ann.ask('POST', '/tasks', {
    body: { projectId: 'APOLLO', title: 'after the dump' },
    headers: { prefer: 'wait=10' },
  })
  await ann.ask('PATCH', '/tasks/APOLLO-1', { body: { priority: 'high' }, headers: { prefer: 'wait=10' } })
  const before = await state(ann)
  expect(await program.end('SIGTERM')).toBe(0)

  await lose()
  await run('pg_restore', '--exit-on-error', '--no-owner', `--dbname=${place.env.DATABASE_URL}`, dump)
  await refused()
  expect(await run('npm', 'run', '--silent', 'rebuild')).toContain('Made the database again')
  await start()

  const again = await createPeople(program.url, admin).login(ann)
  await vi.waitFor(async () => expect(await state(again)).toEqual(before), { timeout: 10_000, interval: 100 })
  const made = await again.ask<{ code: string }>('POST', '/tasks', { body: { projectId: 'APOLLO', title: 'goes on' } })
  expect([made.status, made.body.code]).toEqual([201, 'APOLLO-3'])
  const session = await ask({ url: program.url, token: ann.token }, 'GET', '/users/me')
  expect(session.status).toBe(200) // begun before the dump
}, 120_000)

/** All tables; and MongoDB has what no log knows of. */
async function lose(): Promise<void> {
  const sql = await openSql({ url: place.env.DATABASE_URL!, poolSize: 1 })
  await sql.script('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  await sql.close()
  const mongo = new MongoClient(place.env.MONGO_URL!)
  const tasks = mongo.db().collection<{ _id: string; id: string; code: string }>('tasks')
  const task = (await tasks.findOne())!
  const id = task._id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  await tasks.insertOne({ ...task, _id: id, id, code: 'APOLLO-99' })
  await mongo.close()
}

/** It knows less than was told: nothing is decided on it, and the sentence says what to do. */
async function refused(): Promise<void> {
  const older = await startProgram(place.env)
  expect(await older.ended).toBe(1)
  expect(older.said()).toContain('npm run rebuild')
}

import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createPeople, unique } from './system/people.ts'
import { preparedPlace } from './system/place.ts'
import { startProgram } from './system/program.ts'
import { admin } from './system.ts'

/** As if the machine had started anew since, without a clean stop. */
async function cutPower(directory: string): Promise<void> {
  const file = join(directory, 'trefoil.json')
  const marker = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...marker, boot: 'another boot' }))
}

test('after a power cut the database is made again from the log: what was told is there, once, and work goes on', async () => {
  const { directory: DATA_DIR, remove } = await preparedPlace()
  const name = unique('Apollo')
  const before = await startProgram({ DATA_DIR, DEMO_DATA: 'true' })
  await before.ready()
  const root = await createPeople(before.url, admin).admin()
  const project = await root.over('REST').projects.create({ name })
  const task = await root.over('REST').tasks.create({ projectId: project.id, title: 'kept' })
  const projects = await root.over('REST').projects.list({})
  await before.end('SIGKILL')
  await cutPower(DATA_DIR)

  const after = await startProgram({ DATA_DIR, DEMO_DATA: 'true' })
  await after.ready()
  expect(after.said()).toContain('Making the database again from the log')
  expect(existsSync(join(DATA_DIR, 'sql.set-aside'))).toBe(true)
  const again = await createPeople(after.url, admin).admin() // the password is as it was
  expect(await again.over('REST').tasks.byId({ id: task.code })).toEqual(task)
  expect(await again.over('REST').projects.list({})).toEqual(projects) // the demo data is not put in twice
  const next = await again.over('REST').tasks.create({ projectId: project.id, title: 'next' })
  expect(next.number).toBe(task.number + 1)
  expect((await again.over('REST').projects.create({ name: unique('Later') })).number).toBe(project.number + 1)
  await after.end('SIGTERM')

  const later = await startProgram({ DATA_DIR })
  await later.ready()
  expect(later.said()).not.toContain('Making the database again')
  await later.end('SIGKILL')
  await remove()
}, 240_000)

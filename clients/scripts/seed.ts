import { CONNECTION_USAGE, readOptions, wholeNumber } from './options.ts'
import { passwordFor } from './password.ts'
import { grouped } from './progress.ts'
import { Interrupted, runScript, say } from './run.ts'
import { createGardener, type Gardener } from './seed/gardener.ts'
import { inspect } from './seed/inspect.ts'
import type { Plan } from './seed/plan.ts'
import { plantMembers, plantProjects, plantTasks, plantUsers } from './seed/plant.ts'
import { login } from './session.ts'
import { check, sentenceOf, told } from './trouble.ts'

const USAGE = `Fills Trefoil with users, projects and tasks, as an admin of it. The same numbers make the same data, once: a seed
that was cut short is taken up by the same command, and grows by one with larger numbers.

npm run seed -- [options]

  --users N          how many users (100)
  --projects N       how many projects (20)
  --tasks N          how many tasks, over all projects (1000)
  --seed N           another number makes other data (1)
  --parallel N       calls at a time (64)
${CONNECTION_USAGE}`

const options = {
  users: { type: 'string', default: '100' },
  projects: { type: 'string', default: '20' },
  tasks: { type: 'string', default: '1000' },
  seed: { type: 'string', default: '1' },
  parallel: { type: 'string', default: '64' },
} as const

const limits = {
  users: [0, 999_999],
  projects: [1, 99_999],
  tasks: [0, 100_000_000],
  seed: [1, 9_999],
  parallel: [1, 512],
} as const

await runScript(async (interrupted) => {
  const { url, username, password, ...given } = readOptions(USAGE, options)
  const number = (name: keyof Plan) => wholeNumber(USAGE, name, given[name], limits[name])
  const plan: Plan = {
    ...{ users: number('users'), projects: number('projects'), tasks: number('tasks') },
    ...{ seed: number('seed'), parallel: number('parallel') },
  }
  const { api, me, end } = await login(url, username, await passwordFor(username, password))
  check(me.role === 'admin', `${username} is no admin, and only an admin makes users; take an admin's --username.`)

  const began = performance.now()
  const found = await grow(createGardener(api, plan, interrupted)).finally(() => end().catch(() => undefined))
  const seconds = Math.round((performance.now() - began) / 1000)
  const { users, projects, tasks } = found
  say(
    `Seed ${plan.seed} is there, and was looked at: ${grouped(users)} users, ${grouped(projects)} projects, ${grouped(tasks)} tasks, in ${seconds} s.`,
  )
})

async function grow(gardener: Gardener) {
  try {
    await plantUsers(gardener)
    const projects = await plantProjects(gardener)
    await plantMembers(gardener, projects)
    await plantTasks(gardener, projects)
    return await inspect(gardener, projects)
  } catch (error) {
    if (error instanceof Interrupted)
      throw new Interrupted('Stopped. What is there stays; the same command goes on from here.')
    if (told(error)?.httpStatus !== 404) throw error
    throw new Error(`${sentenceOf(error)}\nSomething that this seed had made was removed since; take another --seed.`)
  }
}

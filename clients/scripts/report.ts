import type { Project } from '../../services/projects/schema.ts'
import type { Api } from './client.ts'
import { CONNECTION_USAGE, readOptions } from './options.ts'
import { collect, itemsOf } from './pages.ts'
import { passwordFor } from './password.ts'
import { inParallel } from './pool.ts'
import { countTasks, type ProjectReport } from './report/count.ts'
import { tableOf } from './report/table.ts'
import { runScript, say } from './run.ts'
import { login } from './session.ts'
import { told } from './trouble.ts'

const USAGE = `Counts the tasks of a project, or of all that one is a member of, by assignee and state.

npm run report -- [options]

  --project P        one project, by its id, number, key or name
  --json             for programs
${CONNECTION_USAGE}`

const options = { project: { type: 'string' }, json: { type: 'boolean', default: false } } as const

/** Loads at a time. */
const PARALLEL = 8

await runScript(async (interrupted) => {
  const { url, username, password, project, json } = readOptions(USAGE, options)
  const { api, end } = await login(url, username, await passwordFor(username, password))
  const projects = project === undefined ? await myProjects(api) : [await api.projects.byId.query({ id: project })]
  const today = new Date().toISOString().slice(0, 10)

  const reports: ProjectReport[] = []
  const nameOf = createNames(api)
  await inParallel(
    projects.entries(),
    PARALLEL,
    async ([index, one]) => {
      const tasks = await collect(
        itemsOf((page) => {
          interrupted.throwIfAborted()
          return api.tasks.list.query({ projectId: one.id, sort: 'createdAt', ...page })
        }),
      )
      const names = await nameOf(tasks.flatMap(({ assigneeId }) => assigneeId ?? []))
      reports[index] = countTasks(one, tasks, (id) => names.get(id) ?? id, today)
    },
    interrupted,
  )
  await end().catch(() => undefined) // the session ends by itself, too

  if (json) return say(JSON.stringify(reports, null, 2))
  say(reports.length === 0 ? `${username} is a member of no project.` : reports.map(tableOf).join('\n\n\n'))
})

function myProjects(api: Api): Promise<Project[]> {
  return collect(itemsOf((page) => api.projects.list.query({ mine: true, sort: 'name', ...page })))
}

/** Usernames by id, each looked up once. */
function createNames(api: Api): (ids: readonly string[]) => Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>()
  return async (ids) => {
    const unknown = [...new Set(ids)].filter((id) => !known.has(id))
    await inParallel(unknown, PARALLEL, async (id) => void known.set(id, await nameOf(api, id)))
    return known
  }
}

async function nameOf(api: Api, id: string): Promise<string> {
  try {
    return (await api.users.byId.query({ id })).username
  } catch (error) {
    if (told(error)?.reason === 'user.not_found') return '(removed user)'
    throw error
  }
}

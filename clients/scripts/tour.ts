import { randomBytes } from 'node:crypto'
import { CONNECTION_USAGE, readOptions } from './options.ts'
import { passwordFor } from './password.ts'
import { runScript, say } from './run.ts'
import { login } from './session.ts'
import { createGuide, type Tour } from './tour/guide.ts'
import { inviteOlga, registerIvan } from './tour/people.ts'
import { acceptLater, retry, search, turnPages } from './tour/promises.ts'
import { makeProject, makeTasks, moveTasks } from './tour/work.ts'
import { check, sentenceOf } from './trouble.ts'

const USAGE = `Shows what Trefoil does, on one that runs, as an admin of it. What it makes it removes at the end.

npm run tour -- [options]

${CONNECTION_USAGE}`

await runScript(async (interrupted) => {
  const { url, username, password } = readOptions(USAGE, {})
  const guide = createGuide(interrupted)
  say(`A tour of Trefoil at ${url}: each call is over tRPC, typed by the contract; each answer is checked.`)

  guide.stop('The admin logs in')
  const admin = await login(url, username, await passwordFor(username, password))
  check(admin.me.role === 'admin', `${username} is no admin, and the tour makes users; take an admin's --username.`)
  guide.show('users.me', `${admin.me.username}, ${admin.me.role}`)

  const tour: Tour = { url, tag: randomBytes(3).toString('hex'), guide, admin, tidy: [] }
  const walked = walk(tour)
  const left = await walked.then(
    () => tidy(tour),
    () => tidy(tour),
  )
  await walked
  check(left === 0, 'Not everything could be removed.')
  say('\nEverything answered as it should. See also /docs in a browser, and README.md.')
})

async function walk(tour: Tour): Promise<void> {
  const olga = await inviteOlga(tour)
  const ivan = await registerIvan(tour)
  const project = await makeProject(tour, olga, ivan)
  const tasks = await makeTasks(tour, olga, ivan, project)
  await moveTasks(tour, ivan, tasks)
  await acceptLater(tour, olga, ivan, project)
  await retry(tour, olga, project)
  await search(tour, olga, project)
  await turnPages(tour, olga, project, tasks.length + 2)
}

/** Undoes what can be undone, whatever has happened. @returns how much is left */
async function tidy({ tidy, admin }: Tour): Promise<number> {
  say('\n    Tidying up')
  let left = 0
  for (const undo of tidy.reverse()) {
    try {
      say(`    removed: ${await undo()}`)
    } catch (error) {
      left++
      say(`    left there: ${sentenceOf(error)}`)
    }
  }
  await admin.end().catch(() => undefined) // the session ends by itself, too
  return left
}

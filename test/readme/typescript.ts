import type { Example } from '../../clients/sdk/examples/example.ts'
import { createClient, safe } from '../../clients/sdk/mod.ts'

/** The TypeScript of the README's tour, as it stands there; the project and the tasks are those of the calls before it. */
export const typescript: Example = async ({ url, password, console }) => {
  // #region tour
  const client = createClient({ url })
  await client.login({ username: 'admin', password })

  const task = await client.tasks.create.mutate({ projectId: 'APOLLO', title: 'Count down' })
  console.log(task.code, task.state) // APOLLO-3 backlog

  const [, error] = await safe(client.tasks.move.mutate({ id: task.code, state: 'done' }))
  if (error?.code === 'task.illegal_move') console.log(error.extra.allowed) // [ 'todo', 'cancelled' ]

  for await (const { code, title } of client.tasks.list.items({ projectId: 'APOLLO' })) console.log(code, title)
  // APOLLO-3 Count down
  // APOLLO-2 Fuel
  // APOLLO-1 Test the engine
  // #endregion
}

import { createClient, hasCode, safe } from '../mod.ts'
import type { Example } from './example.ts'

export const start: Example = async ({ url, password, console }) => {
  // #region start
  const client = createClient({ url })
  await client.login({ username: 'admin', password })

  const project = await client.projects.create.mutate({ name: 'Apollo' })
  const task = await client.tasks.create.mutate({ projectId: project.id, title: 'Test the engine' })
  console.log(task.code, task.state) // APOLLO-1 backlog

  const found = await client.tasks.byCode.query({ code: 'APOLLO-1' })
  console.log(found.title) // Test the engine
  // #endregion

  // #region errors
  const [moved, error] = await safe(client.tasks.move.mutate({ id: 'APOLLO-1', state: 'done' }))
  if (error?.code === 'task.illegal_move')
    console.log(error.status, error.extra.allowed) // 409 [ 'todo', 'cancelled' ]
  else console.log(moved?.state)
  // #endregion

  // #region catch
  try {
    await client.tasks.update.mutate({ id: 'APOLLO-1', title: 'Test both engines', expectedVersion: 7 })
  } catch (error) {
    if (!hasCode(error, 'version.mismatch')) throw error
    console.log(error.message) // The entity has changed since that version; read it again.
  }
  // #endregion
}

import { createClient } from '../mod.ts'
import type { Example } from './example.ts'

export const lists: Example = async ({ url, password, console }) => {
  const client = createClient({ url, batch: true })
  await client.login({ username: 'admin', password })

  // #region items
  for await (const task of client.tasks.list.items({ projectId: 'APOLLO', sort: 'createdAt', limit: 2 })) {
    if (task.number > 3) break // no further page is loaded
    console.log(task.code, task.title)
    // APOLLO-1 Test the engine
    // APOLLO-2 Fuel
    // APOLLO-3 Oxygen
  }
  // #endregion

  // #region pages
  let count = 0
  for await (const { items } of client.tasks.list.pages({ projectId: 'APOLLO', limit: 100 })) count += items.length
  console.log(count) // 5
  // #endregion

  // #region batch
  const codes = ['APOLLO-2', 'APOLLO-3', 'APOLLO-4']
  const loads = await Promise.all(codes.map((code) => client.tasks.byCode.query({ code }))) // one request
  console.log(loads.map(({ title }) => title).join(', ')) // Fuel, Oxygen, Sandwiches
  // #endregion
}

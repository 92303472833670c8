import { createClient, type ReceiptOf, safe } from '../mod.ts'
import type { Example } from './example.ts'

export const changes: Example = async ({ url, password, console }) => {
  const client = createClient({ url })
  await client.login({ username: 'admin', password })

  // #region send
  const receipts = []
  for (const title of ['Fuel', 'Oxygen', 'Sandwiches']) {
    receipts.push(await client.tasks.create.send({ projectId: 'APOLLO', title }))
  }
  const tasks = await Promise.all(receipts.map((receipt) => client.settle(receipt)))
  console.log(tasks.map(({ code, title }) => `${code} ${title}`)) // [ 'APOLLO-2 Fuel', 'APOLLO-3 Oxygen', 'APOLLO-4 Sandwiches' ]
  // #endregion

  const keep: string[] = []
  // #region later
  keep.push(JSON.stringify(await client.tasks.move.send({ id: 'APOLLO-2', state: 'todo' })))

  // … in another process, logged in as the same user
  const receipt: ReceiptOf<'tasks.move'> = JSON.parse(keep[0]!)
  const [fuel, error] = await safe(client.settle(receipt))
  console.log(error?.code ?? fuel?.state) // todo
  // #endregion

  // #region key
  const order = { projectId: 'APOLLO', title: 'Order a rocket' }
  const first = await client.tasks.create.mutate(order, { idempotencyKey: 'order-4711' })
  const again = await client.tasks.create.mutate(order, { idempotencyKey: 'order-4711' })
  console.log(first.id === again.id) // true
  // #endregion
}

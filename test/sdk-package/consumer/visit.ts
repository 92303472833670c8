import { createClient, hasCode, type Project, type ReceiptOf, safe, type Task } from '@trefoil/sdk'

export interface Visit {
  url: string
  password: string
  /** Of the project that is made. */
  name: string
}

/** What somebody does who has just installed the package: the same on Node, on Deno and in a browser. */
export async function visit({ url, password, name }: Visit) {
  const client = createClient({ url })
  const [, stranger] = await safe(client.login({ username: 'admin', password: 'not the password' }))
  await client.login({ username: 'admin', password })
  const me = await client.users.me.query()

  const project: Project = await client.projects.create.mutate({ name })
  const receipts: ReceiptOf<'tasks.create'>[] = []
  for (const title of ['Fuel', 'Oxygen', 'Sandwiches']) {
    receipts.push(await client.tasks.create.send({ projectId: project.id, title }))
  }
  const tasks: Task[] = await Promise.all(receipts.map((receipt) => client.settle(receipt)))

  const listed: string[] = []
  for await (const { title } of client.tasks.list.items({ projectId: project.id, sort: 'createdAt', limit: 2 })) {
    listed.push(title)
  }

  const [, illegal] = await safe(client.tasks.move.mutate({ id: tasks[0]!.id, state: 'done' }))
  const allowed = illegal?.code === 'task.illegal_move' ? illegal.extra.allowed : undefined

  const controller = new AbortController()
  const waiting = client.tasks.byId.query({ id: tasks[0]!.id }, { signal: controller.signal })
  controller.abort()
  const aborted = await waiting.then(
    () => 'answered',
    (error: unknown) => (hasCode(error, 'client.aborted') ? error.code : String(error)),
  )

  const reader = createClient({ url, auth: client.session!.accessToken, token: client.token! })
  const { title } = await reader.tasks.byId.query({ id: tasks[2]!.id })
  const told = typeof client.token
  await client.logout()
  return { stranger: stranger?.code, me: me.username, listed, allowed, aborted, title, told, session: client.session }
}

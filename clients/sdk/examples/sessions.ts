import { createClient, type Session } from '../mod.ts'
import type { Example } from './example.ts'

export const sessions: Example = async ({ url, password, console }) => {
  const store = new Map<string, string>()
  // #region keep
  const keep = (session: Session | undefined) => {
    if (session) store.set('session', JSON.stringify(session))
    else store.delete('session')
  }
  const client = createClient({ url, onSession: keep })
  await client.login({ username: 'admin', password })

  // … after a restart
  const kept: Session = JSON.parse(store.get('session')!)
  const restarted = createClient({ url, auth: kept, onSession: keep })
  console.log((await restarted.users.me.query()).username) // admin
  // #endregion

  // #region token
  const writer = createClient({ url, auth: kept })
  const { id } = await writer.tasks.create.mutate({ projectId: 'APOLLO', title: 'Count down' })

  const reader = createClient({ url: url, auth: kept, token: writer.token })
  console.log((await reader.tasks.byId.query({ id })).title) // Count down
  // #endregion

  // #region time
  const controller = new AbortController()
  const everything = client.tasks.list.items({ projectId: 'APOLLO' }, { signal: controller.signal, timeout: 5_000 })
  // #endregion
  for await (const _ of everything) break

  await restarted.logout()
  console.log(store.has('session')) // false
}

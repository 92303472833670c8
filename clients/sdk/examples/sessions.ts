import { createClient, type Session, type SessionStore } from '../mod.ts'
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

  const localStorage = storage()
  // #region share
  const shared: SessionStore = {
    load: () => JSON.parse(localStorage.getItem('session') ?? 'null'),
    save: (session) => localStorage.setItem('session', JSON.stringify(session ?? null)),
  }
  const tab = createClient({ url, auth: shared })
  await tab.login({ username: 'admin', password })

  const otherTab = createClient({ url, auth: shared })
  console.log((await otherTab.users.me.query()).username) // admin
  // #endregion

  // #region token
  const writer = createClient({ url, auth: shared })
  const { id } = await writer.tasks.create.mutate({ projectId: 'APOLLO', title: 'Count down' })

  const reader = createClient({ url, auth: shared, token: writer.token })
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

/** As that of a browser. */
function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>()
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => void kept.set(name, text) }
}

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { exampleNames, printed, promised } from '../clients/sdk/examples/examples.testing.ts'
import { type Client, type ClientOptions, createClient, type Project, type Session, safe } from '../clients/sdk/mod.ts'
import { counting, neverWaiting } from './sdk/fetch.ts'
import { openForge } from './system/forge.ts'
import { type Person, unique } from './system/people.ts'
import { admin, type StartSystem, type System } from './system.ts'
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** What people do with the SDK, against a system as it is. */
export function sdkSuite(start: StartSystem): void {
  let system: System
  let ann: Person
  let project: Project
  beforeAll(async () => {
    system = await start()
    ann = await system.people.join('ann')
    project = await as(ann).projects.create.mutate({ name: unique('sdk') })
  })
  afterAll(() => system?.stop())

  const connect = (options: Partial<ClientOptions> = {}): Client => createClient({ url: system.url, ...options })
  const as = ({ token }: Person, options: Partial<ClientOptions> = {}): Client => connect({ auth: token, ...options })

  describe('the examples of the README print what they say', () => {
    test.each(exampleNames)('%s', async (name) => {
      expect(await printed(name, { url: system.url, password: admin.password })).toEqual(promised(name))
    })
  })

  test('somebody registers, logs in, makes things, reads and lists them, and logs out', async () => {
    const client = connect()
    const username = unique('olga')
    const password = 'correct horse battery'
    const user = await client.users.register.mutate({ username, email: `${username}@example.com`, password })
    await expect(client.users.me.query()).rejects.toMatchObject({ code: 'auth.missing', status: 401 })
    const session = await client.login({ username, password })
    expect(await client.users.me.query()).toMatchObject({ id: user.id, username })

    const { id: projectId } = await client.projects.create.mutate({ name: unique('hers') })
    const task = await client.tasks.create.mutate({ projectId, title: 'One' })
    expect(task).toMatchObject({ title: 'One', version: 1, createdBy: user.id })
    const moved = await client.tasks.move.mutate({ id: task.code, state: 'todo', expectedVersion: 1 })
    expect(await client.tasks.byId.query({ id: task.id })).toEqual(moved)
    expect(await client.tasks.remove.mutate({ id: task.id })).toBeUndefined()
    const [gone, error] = await safe(client.tasks.byId.query({ id: task.id }))
    expect([gone, error?.code, error?.status]).toEqual([undefined, 'task.not_found', 404])
    const document = await client.documents.create.mutate({ data: { any: ['thing'] } })
    expect(await client.documents.list.query()).toEqual({ items: [document], nextCursor: null })

    await client.logout()
    await expect(client.users.me.query()).rejects.toMatchObject({ code: 'auth.missing' })
    const left = connect({ auth: session, retries: 0 })
    await expect.poll(() => left.users.me.query().catch(({ code }) => code)).toBe('auth.revoked')
    expect(left.session).toBeUndefined()
  })

  test('what is refused says why: fields, versions, moves', async () => {
    const client = as(ann)
    const { id } = await client.tasks.create.mutate({ projectId: project.id, title: 'Refused' })
    await expect(client.tasks.update.mutate({ id, title: '', priority: 'high' })).rejects.toMatchObject({
      ...{ code: 'input.invalid', status: 400, procedure: 'tasks.update', requestId: expect.any(String) },
      issues: [{ path: ['title'], message: expect.any(String) }],
      message: expect.stringContaining('title: '),
    })
    await expect(client.tasks.move.mutate({ id, state: 'done' })).rejects.toMatchObject({
      ...{ code: 'task.illegal_move', status: 409, extra: { from: 'backlog', allowed: ['todo', 'cancelled'] } },
    })
    await expect(client.tasks.remove.mutate({ id, expectedVersion: 3 })).rejects.toMatchObject({
      ...{ code: 'version.mismatch', status: 412, extra: { version: 1 } },
    })
  })

  describe('a change that is accepted', () => {
    test('is settled by another client, which sees it from then on', async () => {
      const client = as(ann)
      const sent = await client.tasks.create.send({ projectId: project.id, title: 'Later' })
      expect(sent).toMatchObject({ status: 'accepted', id: expect.any(String), token: client.token })
      const other = as(ann)
      const task = await other.settle(JSON.parse(JSON.stringify(sent)) as typeof sent)
      expect(task).toMatchObject({ id: sent.id, title: 'Later' })
      expect(await other.tasks.byId.query({ id: sent.id })).toEqual(task)
      const reader = as(ann, { token: client.token })
      expect(await reader.tasks.byId.query({ id: sent.id })).toEqual(task)
    })

    test('is the entity all the same for whoever mutates', async () => {
      const client = as(ann, { fetch: neverWaiting() })
      const task = await client.tasks.create.mutate({ projectId: project.id, title: 'Settled' })
      expect(await client.tasks.byId.query({ id: task.id })).toEqual(task)
      expect(await client.tasks.remove.mutate({ id: task.id })).toBeUndefined()
      const username = unique('zoe')
      const account = { username, email: `${username}@example.com`, password: 'correct horse battery' }
      const stranger = connect({ fetch: neverWaiting(1) })
      expect(await stranger.users.register.mutate(account)).toMatchObject({ username, role: 'member' })
    })

    test('and rejected late throws what it would have thrown at once', async () => {
      const client = as(ann)
      // Both pass the check before the log, so that the log's order refuses one: at the first try or at a later one.
      const { name, late } = await vi.waitFor(
        async () => {
          const name = unique('race')
          const sent = await Promise.all([1, 2].map(() => client.projects.create.send({ name })))
          const results = await Promise.all(sent.map((receipt) => safe(client.settle(receipt))))
          return { name, late: results.map(([, error]) => error).find((error) => error !== undefined)! }
        },
        { timeout: 15_000 },
      )
      const [, atOnce] = await safe(client.projects.create.mutate({ name }))
      const { code, status, message, extra } = late
      expect(code).toBe('project.name_taken')
      expect({ code, status, message, extra }).toEqual({
        ...{ code: atOnce?.code, status: atOnce?.status, message: atOnce?.message, extra: atOnce?.extra },
      })
    })

    test('is nobody else’s to ask about', async () => {
      const sent = await as(ann).tasks.create.send({ projectId: project.id, title: 'Hers' })
      const bob = as(await system.people.join('bob'))
      await expect(bob.settle(sent)).rejects.toMatchObject({ code: 'operation.not_found', status: 404, receipt: sent })
    })
  })

  test('a key makes one of many, whoever repeats it', async () => {
    const input = { projectId: project.id, title: unique('once') }
    const idempotencyKey = unique('key')
    const made = await Promise.all([1, 2, 3].map(() => as(ann).tasks.create.mutate(input, { idempotencyKey })))
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    const again = await as(ann).tasks.create.send(input, { idempotencyKey })
    expect(await as(ann).settle(again)).toEqual(made[0])
    await expect(as(ann).tasks.create.mutate({ ...input, title: 'other' }, { idempotencyKey })).rejects.toMatchObject({
      code: 'idempotency.reused',
      status: 422,
    })
  })

  test('lists are walked to their end, in batches or not', async () => {
    const { id: projectId } = await as(ann).projects.create.mutate({ name: unique('long') })
    const titles = Array.from({ length: 25 }, (_, nth) => `Task ${nth}`)
    await Promise.all(titles.map((title) => as(ann).tasks.create.mutate({ projectId, title })))
    for (const batch of [false, true]) {
      const client = as(ann, { batch })
      const items: string[] = []
      for await (const { title } of client.tasks.list.items({ projectId, limit: 10 })) items.push(title)
      expect(items.toSorted()).toEqual(titles.toSorted())
      const sizes: number[] = []
      for await (const page of client.tasks.list.pages({ projectId, limit: 10 })) sizes.push(page.items.length)
      expect(sizes).toEqual([10, 10, 5])
    }
  })

  test('queries of one tick go to each service together, and each has its own answer', async () => {
    const urls: string[] = []
    const client = as(ann, { batch: true, fetch: counting((url) => urls.push(url)) })
    const results = await Promise.all([
      ...Array.from({ length: 12 }, () => client.projects.byId.query({ id: project.id })),
      client.users.me.query(),
      safe(client.projects.byId.query({ id: 'NOWHERE' })),
    ])
    expect(results.slice(0, 12)).toEqual(Array(12).fill(project))
    expect(results[12]).toMatchObject({ id: ann.id })
    expect(results[13]).toMatchObject([undefined, { code: 'project.not_found', status: 404 }])
    expect(urls).toHaveLength(3)
  })

  test('a token that expires is refreshed once, for all that are calling', async () => {
    const { token, refreshToken } = await system.people.login(ann)
    const kept: (Session | undefined)[] = []
    const urls: string[] = []
    const client = connect({
      auth: { accessToken: await expired(), refreshToken },
      onSession: (session) => void kept.push(session),
      fetch: counting((url) => urls.push(url)),
    })
    const people = await Promise.all(Array.from({ length: 20 }, () => client.users.me.query()))
    expect(people.every(({ id }) => id === ann.id)).toBe(true)
    expect(urls.filter((url) => url.endsWith('users.refresh'))).toHaveLength(1)
    expect(kept).toEqual([client.session])
    expect(client.session?.refreshToken).not.toBe(refreshToken)
    expect(client.session?.accessToken).not.toBe(token)
    const restarted = connect({ auth: { ...kept[0]!, expiresAt: 0 } }) // early, by its own clock
    expect(await restarted.users.me.query()).toMatchObject({ id: ann.id })
  })

  async function expired(): Promise<string> {
    const issued = Math.floor(Date.now() / 1000) - 1000
    const forge = await system.database(openForge)
    return forge.sign(ann, { claims: { iat: issued, exp: issued + 600 } })
  }

  describe('a network that misbehaves', () => {
    let proxy: TcpProxy
    let url: string
    beforeAll(async () => {
      const { hostname: host, port } = new URL(system.url)
      proxy = await openTcpProxy({ host, port: Number(port) })
      url = `http://127.0.0.1:${proxy.port}`
    })
    afterAll(() => proxy?.close())

    test('loses an answer, and a change happens once', async () => {
      let dropped = 0
      proxy.inspect((chunk) => (chunk.includes('POST') && dropped++ === 0 ? 'drop the answer' : 'pass'))
      const retries: string[] = []
      const client = as(ann, { url, onRetry: ({ error }) => retries.push(error.code) })
      const name = unique('lost')
      const made = await client.projects.create.mutate({ name })
      expect([made.name, retries]).toEqual([name, ['client.network']])
      const { items } = await client.projects.list.query({ q: name })
      expect(items).toEqual([made])
    })

    test('is away for a while, and a read comes through', async () => {
      const client = as(ann, { url })
      await proxy.vanish()
      const read = client.projects.byId.query({ id: project.id })
      await proxy.appear()
      expect(await read).toEqual(project)
    })

    test('hangs, and a call ends with its time, or when it is aborted', async () => {
      const client = as(ann, { url })
      proxy.hang()
      await expect(client.users.me.query({}, { timeout: 100 })).rejects.toMatchObject({ code: 'client.timeout' })
      const controller = new AbortController()
      const aborted = client.tasks.create.mutate({ projectId: project.id, title: 'x' }, { signal: controller.signal })
      await expect.poll(() => proxy.connections).toBeGreaterThan(0)
      controller.abort()
      await expect(aborted).rejects.toMatchObject({ code: 'client.aborted' })
      proxy.resume()
      expect(await client.users.me.query()).toMatchObject({ id: ann.id })
    })
  })
}

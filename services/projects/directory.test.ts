import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { contextOf } from '../../platform/http/testing/context.testing.ts'
import { openReading } from '../../platform/reads/reading.testing.ts'
import { apollo } from './apollo.testing.ts'
import { type ProjectDirectory, remoteProjects } from './directory.ts'
import { cachedProjects } from './queries.ts'
import type { StoredProject } from './schema.ts'

const id = '01a20960-4b59-732b-aa24-c9179b6fe073'
const project: StoredProject = { ...apollo, id }

let owner: Server
let answers: (() => number)[] = []
const asked: string[] = []
let url = ''

beforeAll(async () => {
  owner = createServer((request, response) => {
    asked.push(new URL(request.url!, 'http://owner').searchParams.get('input') ?? '')
    const status = answers.shift()?.() ?? 200
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(status === 200 ? JSON.stringify({ result: { data: { ...project, name: 'from its owner' } } }) : '')
  }).listen(0, '127.0.0.1')
  await once(owner, 'listening')
  url = `http://127.0.0.1:${(owner.address() as AddressInfo).port}`
})
afterAll(() => {
  owner.close()
  owner.closeAllConnections()
})
beforeEach(() => {
  asked.length = 0
  answers = []
})

/** A directory in another process than its owner's, and the owner's reader, on one cache. */
function opened(): { directory: ProjectDirectory; read: () => Promise<unknown> } {
  const reading = openReading()
  reading.epochs = Array(12).fill(2)
  const reader = reading.reads.entity<StoredProject>({ ...cachedProjects, load: async () => project })
  return { directory: remoteProjects(url, reading.reads), read: () => reader.one(id) }
}

test('a project that is cached is found without its owner', async () => {
  const { directory, read } = opened()
  await read()
  expect(await directory.find(id.toUpperCase(), contextOf())).toMatchObject({ name: 'Apollo' })
  expect(asked).toEqual([])
})

test('its owner is asked for one that is not, and for every other spelling', async () => {
  const { directory, read } = opened()
  expect(await directory.find(id, contextOf())).toMatchObject({ name: 'from its owner' })
  await read()
  expect(await directory.find('APOLLO', contextOf())).toMatchObject({ name: 'from its owner' })
  expect(asked).toEqual([JSON.stringify({ id }), JSON.stringify({ id: 'APOLLO' })])
})

test('an owner that leaves the question to another instance, or breaks off, is asked again', async () => {
  const { directory } = opened()
  const breaksOff = () => {
    owner.closeAllConnections()
    return 200
  }
  answers = [() => 421, breaksOff]
  expect(await directory.find(id, contextOf())).toMatchObject({ name: 'from its owner' })
  expect(asked).toHaveLength(3)
})

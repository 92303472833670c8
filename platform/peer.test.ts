import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RouterOf } from './contract/router-type.ts'
import type { books } from './http/testing/books.testing.ts'
import { contextOf } from './http/testing/context.testing.ts'
import { peer } from './peer.ts'

const heard: IncomingHttpHeaders[] = []
/** How many questions more are met by no instance. */
let unmet = 0
let server: Server
let client: ReturnType<typeof peer<RouterOf<'books', typeof books>>>

beforeAll(async () => {
  server = createServer((request, response) => {
    heard.push(request.headers)
    if (unmet-- > 0) return request.socket.destroy()
    response.setHeader('content-type', 'application/json').end('{"result":{"data":null}}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  client = peer(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
})
afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
})

test('a question to another service is asked as the caller, for the request and in its trace', async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const tracestate = 'congo=t61rcWkgMzE'
  const asked = { seen: new Map([[3, 7]]) }
  await client(contextOf({ requestId: 'r7', bearer: 'ann', traceparent, tracestate, asked })).books.newest.query()
  expect(heard.at(-1)).toMatchObject({ authorization: 'Bearer ann', 'x-request-id': 'r7', traceparent, tracestate })
  expect(heard.at(-1)?.['consistency-token']).toBeDefined()
})

test('what a caller has not, is not sent', async () => {
  await client(contextOf()).books.newest.query()
  for (const name of ['authorization', 'traceparent', 'tracestate', 'consistency-token'])
    expect(heard.at(-1)).not.toHaveProperty(name)
})

test('a question is asked again so often that an instance is found soon after it is there', async () => {
  unmet = 9 // twice as long apart each time, these alone would take more than the five seconds that there are
  expect(await client(contextOf()).books.newest.query()).toBeNull()
})

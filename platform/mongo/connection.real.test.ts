import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openTcpProxy } from '../../test/tcp-proxy.ts'
import { type Mongo, openMongo } from './connection.ts'

const server = process.env.MONGO_URL
if (!server) throw new Error('MONGO_URL is not set')

describe('openMongo', () => {
  const own = new URL(server)
  own.pathname = `/scratch_${randomUUID().replaceAll('-', '')}`
  let mongo: Mongo
  beforeAll(() => {
    mongo = openMongo({ url: own.href })
  })
  afterAll(async () => {
    await mongo?.db.dropDatabase()
    await mongo?.close()
  })

  interface Doc {
    _id: string
    version: number
  }

  test('opens the database named in the url, and pings it', async () => {
    expect(mongo.db.databaseName).toBe(own.pathname.slice(1))
    await mongo.ping(10_000)
  })

  test('writes with a majority, guarded by version, and reads it back', async () => {
    const docs = mongo.db.collection<Doc>('docs')
    expect(docs.writeConcern).toEqual({ w: 'majority' })
    const write = (version: number) =>
      docs.updateOne({ _id: 'a', version: { $lt: version } }, { $set: { version } }, { upsert: true })
    expect((await write(1)).upsertedCount).toBe(1)
    expect((await write(3)).modifiedCount).toBe(1)
    await expect(write(2)).rejects.toMatchObject({ code: 11000 })
    expect(await docs.findOne({ _id: 'a' })).toEqual({ _id: 'a', version: 3 })
  })

  test('writes in bulk', async () => {
    const docs = mongo.db.collection<Doc>('bulk')
    const result = await docs.bulkWrite(
      [1, 2, 3].map((n) => ({
        updateOne: { filter: { _id: `d${n}`, version: { $lt: n } }, update: { $set: { version: n } }, upsert: true },
      })),
      { ordered: false },
    )
    expect(result.upsertedCount).toBe(3)
  })

  test('opens where there is no server; calls fail, and it closes', async () => {
    const absent = openMongo({ url: 'mongodb://127.0.0.1:1/x', connectMs: 1000 })
    const reasons: Promise<string>[] = []
    for (let nth = 0; nth < 20; nth++) {
      reasons.push(absent.ping(10_000).catch((error) => error.message)) // some while it is connecting, not before
      await new Promise(setImmediate)
    }
    for (const reason of await Promise.all(reasons)) expect(reason).toContain('ECONNREFUSED')
    await expect(absent.db.collection('x').findOne({})).rejects.toThrow()
    await absent.close()
    await absent.close()
  })

  test('works when a server comes that was not there', async () => {
    const target = new URL(own)
    const proxy = await openTcpProxy({ host: target.hostname, port: Number(target.port) })
    target.port = String(proxy.port)
    proxy.hang()
    const early = openMongo({ url: target.href, connectMs: 100 })
    await expect(early.ping(10_000)).rejects.toThrow()
    await expect(early.ping(10_000)).rejects.toThrow()
    proxy.resume()
    await vi.waitFor(() => early.ping(1000), { timeout: 10_000 })
    await early.close()
    await proxy.close()
  })

  test('a ping keeps its own deadline', async () => {
    const silent = await openTcpProxy()
    const hanging = openMongo({ url: `mongodb://127.0.0.1:${silent.port}/x`, connectMs: 30_000 })
    await expect(hanging.ping(50)).rejects.toThrow('MongoDB did not answer within 50 ms')
    await hanging.close()
    await silent.close()
  })

  test('a connection without an answer is given up, and the next call finds the server again', async () => {
    const target = new URL(own)
    const proxy = await openTcpProxy({ host: target.hostname, port: Number(target.port) })
    target.port = String(proxy.port)
    const through = openMongo({ url: target.href, connectMs: 1000, answerMs: 2000 })
    await through.ping(5000)
    proxy.freeze()
    await expect(through.db.collection('docs').insertOne({})).rejects.toThrow('timed out')
    await vi.waitFor(() => through.ping(1000), { timeout: 10_000 })
    await through.close()
    await proxy.close()
  })

  test('finds the server again after all connections were cut', async () => {
    const target = new URL(own)
    const proxy = await openTcpProxy({ host: target.hostname, port: Number(target.port) })
    target.port = String(proxy.port)
    const through = openMongo({ url: target.href })
    await through.ping(5000)
    proxy.cut()
    await vi.waitFor(() => through.ping(1000), { timeout: 10_000 })
    await through.close()
    await proxy.close()
  })

  test('calls after it is closed fail', async () => {
    const closed = openMongo({ url: own.href })
    await closed.ping(10_000)
    await closed.close()
    await expect(closed.ping(2000)).rejects.toThrow()
  })
})

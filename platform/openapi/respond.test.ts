import { describe, expect, test } from 'vitest'
import { answerOf, FORM, problem } from '../http/testing/answers.testing.ts'
import { bookApp } from '../http/testing/app.testing.ts'

describe('an answer over REST', () => {
  test('that made something is 201 with its place', async () => {
    const response = await bookApp().send(
      'POST',
      '/books',
      { title: 'Emma', authorId: 'a2' },
      { 'idempotency-key': 'a b/c' },
    )
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toBe('/books/n-books.create%3Aann%3Aa%20b%2Fc')
    expect(response.headers.has('consistency-token')).toBe(true)
    expect(await response.json()).toMatchObject({ title: 'Emma', version: 1 })
  })

  test('that is a receipt is 202 with the place of its operation', async () => {
    const headers = { prefer: 'respond-async', 'idempotency-key': 'k' }
    const response = await bookApp().send('POST', '/books', { title: 'Emma', authorId: 'a2' }, headers)
    expect(response.status).toBe(202)
    expect(response.headers.get('location')).toBe('/operations/op-books.create%3Aann%3Ak')
    expect(response.headers.has('etag')).toBe(false)
    expect(await response.json()).toMatchObject({ status: 'accepted' })
  })

  test('to nothing is 204 without a body', async () => {
    const response = await bookApp().send('DELETE', '/books/b1')
    expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([204, '', null])
  })

  test('has an ETag, and is 304 to whoever knows it', async () => {
    const app = bookApp()
    expect((await app.get('/books/b1')).headers.get('etag')).toBe('"3-b1"')
    const known = await app.get('/books/b1', { 'if-none-match': '"1-b1", W/"3-b1"' })
    expect([known.status, await known.text(), known.headers.get('etag')]).toEqual([304, '', '"3-b1"'])
    expect(known.headers.get('cache-control')).toBe('private, no-cache')
    expect((await app.send('PATCH', '/books/b1', { pages: 1 })).headers.get('etag')).toBe('"4-b1"')
    expect((await app.get('/books/b1')).headers.get('etag')).toBe('"4-b1"')
    for (const other of ['"3-b1"', '"4-b2"', '"4"'])
      expect((await app.get('/books/b1', { 'if-none-match': other })).status).toBe(200)
    expect((await app.get('/books')).headers.has('etag')).toBe(false)
  })

  test('to If-Match is 412 unless the version is that one', async () => {
    const app = bookApp()
    const change = (match: string) => app.send('PATCH', '/books/b1', { pages: 1 }, { 'if-match': match })
    expect(await problem(change('"2"'))).toEqual([412, 'version.mismatch'])
    expect(await problem(change('"3-b2"'))).toEqual([412, 'version.mismatch'])
    expect(await answerOf(change('"3"'))).toMatchObject([200, { version: 4 }])
    expect(await problem(change('"3-b1"'))).toEqual([412, 'version.mismatch'])
    expect(await answerOf(change('"4-b1"'))).toMatchObject([200, { version: 5 }])
    expect(await answerOf(change('*'))).toMatchObject([200, { version: 6 }])
    expect(await problem(app.send('DELETE', '/books/b1', undefined, { 'if-match': '"3"' }))).toEqual([
      412,
      'version.mismatch',
    ])
    expect(await answerOf(change('"5", "6-b1"'))).toMatchObject([200, { version: 7 }])
    for (const other of ['W/"7-b1"', '"x"', '"5", "6"'])
      expect(await problem(change(other))).toEqual([412, 'version.mismatch'])
    for (const wrong of ['7', '"7', '', '*, "7"'])
      expect(await problem(change(wrong))).toEqual([400, 'version.invalid'])
    expect(await problem(app.get('/books/b1', { 'if-match': '"3"' }))).toEqual([400, 'version.invalid'])
  })

  test('to a header that cannot be understood is 400 to whoever may ask', async () => {
    const headers = { 'if-match': 'x', 'consistency-token': '!' }
    expect((await problem(bookApp().get('/books/b1', headers)))[0]).toBe(400)
    expect((await problem(bookApp().get('/books/b1', { ...headers, authorization: '' })))[0]).toBe(401)
  })

  test('to If-None-Match is 412 where a change finds what should not be there', async () => {
    const app = bookApp()
    const headers = { 'if-none-match': '*' }
    expect(await problem(app.send('PATCH', '/books/b1', { pages: 1 }, headers))).toEqual([412, 'version.mismatch'])
    expect(await problem(app.send('DELETE', '/books/b1', undefined, headers))).toEqual([412, 'version.mismatch'])
    expect(await answerOf(app.get('/books/b1'))).toMatchObject([200, { version: 3 }])
    expect((await app.send('POST', '/books', { title: 'Emma', authorId: 'a2' }, headers)).status).toBe(201)
    const tagged = app.send('PATCH', '/books/b1', { pages: 1 }, { 'if-none-match': '"2-b1"' })
    expect(await problem(tagged)).toEqual([400, 'version.invalid'])
  })

  test('to HEAD is that to GET without its body', async () => {
    const app = bookApp()
    const [get, head] = [await app.get('/books/b1'), await app.send('HEAD', '/books/b1')]
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect(head.headers.get('content-length')).toBe(String((await get.text()).length))
    for (const name of ['etag', 'content-type', 'cache-control'])
      expect(head.headers.get(name)).toBe(get.headers.get(name))
    expect((await app.send('HEAD', '/books/none')).status).toBe(404)
  })

  test('says who may keep it', async () => {
    const app = bookApp()
    expect((await app.get('/books/b1')).headers.get('cache-control')).toBe('private, no-cache')
    expect((await app.get('/books/b1')).headers.get('vary')).toBe('Authorization')
    expect((await app.get('/books')).headers.get('cache-control')).toBe('private, no-cache')
    expect((await app.get('/books/none')).headers.get('cache-control')).toBe('no-store')
    const token = await app.send('POST', '/token', 'username=ann&password=secret', FORM)
    expect(token.headers.get('cache-control')).toBe('no-store')
  })

  test('that is a problem tells its code, what is particular, and the request', async () => {
    const response = await bookApp().get('/trouble/failure', { 'x-request-id': 'r-1' })
    expect(response.headers.get('x-request-id')).toBe('r-1')
    expect(await response.json()).toEqual({
      type: '/docs/errors#book.title_taken',
      title: 'Another book has this title.',
      status: 409,
      detail: 'It is taken.',
      code: 'book.title_taken',
      requestId: 'r-1',
      by: 'b1',
    })
  })

  test.each(['error', 'text', 'output', 'unknown'])('to trouble of kind %s is 500 and says nothing', async (kind) => {
    const response = await bookApp().get(`/trouble/${kind}`)
    const text = await response.text()
    expect([response.status, JSON.parse(text).code]).toEqual([500, 'internal'])
    expect(text).not.toMatch(/SELECT|stack|\.ts/)
  })

  test('that may be had later says when', async () => {
    const response = await bookApp().get('/trouble/store')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  })

  test('to whoever is not known is 401 with a challenge', async () => {
    const app = bookApp()
    const answer = async (authorization: string) => {
      const response = await app.get('/books/b1', { authorization })
      return [(await response.json()).code, response.headers.get('www-authenticate')]
    }
    expect(await answer('')).toEqual(['auth.missing', 'Bearer'])
    expect(await answer('Basic Og==')).toEqual(['auth.missing', 'Bearer'])
    expect(await answer('Bearer an n')).toEqual(['auth.missing', 'Bearer'])
    expect(await answer('Bearer expired')).toEqual(['auth.expired', 'Bearer error="invalid_token"'])
    expect(await answer('bearer ???')).toEqual(['auth.invalid', 'Bearer error="invalid_token"'])
  })
})

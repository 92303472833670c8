import { describe, expect, test } from 'vitest'
import { answerOf, FORM, problem } from '../http/testing/answers.testing.ts'
import { bookApp, type TestApp } from '../http/testing/app.testing.ts'

const asked = async (app: TestApp, query: string) =>
  ((await answerOf(app.get(`/books?${query}`)))[1] as { asked: unknown }).asked

describe('an input over REST', () => {
  test.each([
    ['an unknown query parameter', '/books?nope=1', ['nope']],
    ['a path parameter again in the query', '/books/b1?id=b2', ['id']],
    ['a repeated scalar', '/books?limit=1&limit=2', ['limit']],
    ['an unknown member of an object', '/books?filter[nope]=1', ['filter', 'nope']],
  ])('refuses %s', async (_, path, where) => {
    expect(await problem(bookApp().get(path))).toMatchObject([400, 'input.invalid', [{ path: where }]])
  })

  test('refuses a query where fields come in the body', async () => {
    const answer = bookApp().send('POST', '/count?n=5', {})
    expect(await problem(answer)).toMatchObject([400, 'input.invalid', [{ path: ['n'] }]])
  })

  test('takes other spellings, in query and body, and neither twice', async () => {
    const app = bookApp()
    expect(await asked(app, 'author_id=a1')).toMatchObject({ authorId: 'a1' })
    expect(await answerOf(app.send('POST', '/books', { title: 'A', author_id: 'a1' }))).toMatchObject([
      201,
      { authorId: 'a1' },
    ])
    const twice = { title: 'B', author_id: 'a1', authorId: 'a2' }
    expect(await problem(app.send('POST', '/books', twice))).toMatchObject([
      400,
      'input.invalid',
      [{ path: ['authorId'] }],
    ])
    expect(await answerOf(app.send('POST', '/books', { ...twice, authorId: 'a1' }))).toMatchObject([
      201,
      { authorId: 'a1' },
    ])
    const complaints = async (body: object) =>
      (await problem(app.send('POST', '/books', { title: 'C', ...body })))[2] as { path: unknown }[]
    expect(await complaints({ author_id: {} })).toMatchObject([{ path: ['author_id'] }])
    expect(await complaints({ authorId: {} })).toMatchObject([{ path: ['authorId'] }])
    expect(await complaints({})).toMatchObject([{ path: ['authorId'] }])
    const input = { title: 'C', author_id: 'a1' }
    expect((await app.send('POST', '/trpc/books.create', input)).status).toBe(400)
  })

  test('may repeat a path parameter in the body, unchanged', async () => {
    const app = bookApp()
    expect(await answerOf(app.send('PATCH', '/books/b1', { id: 'b1', pages: 1 }))).toMatchObject([200, { pages: 1 }])
    expect(await problem(app.send('PATCH', '/books/b1', { id: 'b2' }))).toMatchObject([
      400,
      'input.invalid',
      [{ path: ['id'] }],
    ])
  })

  test('takes a body that is free JSON, beside path and query', async () => {
    const app = bookApp()
    const data = { key: 'value', deep: [{ n: 1 }], done: 'false' }
    expect(await answerOf(app.send('POST', '/notes/n1?pin=true', data))).toEqual([200, { id: 'n1', pin: true, data }])
    expect(await answerOf(app.send('POST', '/notes/n1/', data))).toEqual([200, { id: 'n1', pin: false, data }])
    expect(await problem(app.send('POST', '/notes/n1', [1]))).toMatchObject([400, 'input.invalid', [{ path: [] }]])
    expect(await problem(app.send('POST', '/notes/n1'))).toMatchObject([400, 'input.invalid', [{ path: [] }]])
    expect(await problem(app.send('POST', '/notes/n1?data=1', {}))).toMatchObject([
      400,
      'input.invalid',
      [{ path: ['data'] }],
    ])
  })

  test('takes a FORM, coerced like a query', async () => {
    const app = bookApp()
    const answer = app.send('POST', '/token', 'username=ann&password=secret&seconds=5', {
      ...FORM,
      authorization: 'Basic Og==',
    })
    expect(await answerOf(answer)).toEqual([200, { access_token: 'ann', token_type: 'Bearer', expires_in: 5 }])
    expect(await problem(app.send('POST', '/token', { username: 'ann', password: 'secret' }))).toEqual([
      415,
      'input.media_type',
    ])
    expect(await problem(app.send('POST', '/token', 'username=ann&password=x', FORM))).toEqual([401, 'login.wrong'])
  })

  test('passes over what is unknown or empty in a FORM, as OAuth2 has it', async () => {
    const token = (form: string) => bookApp().send('POST', '/token', form, FORM)
    const more = 'seconds=&audience=x&audience=y&resource[a]=b&constructor=z'
    expect(await answerOf(token(`username=ann&password=secret&${more}`))).toMatchObject([200, { expires_in: 600 }])
    for (const wrong of ['username=&password=secret', 'password=secret', 'username=ann&username=&password=secret'])
      expect(await problem(token(wrong))).toMatchObject([400, 'input.invalid', [{ path: ['username'] }]])
  })

  test('takes null for a field that may be null', async () => {
    const app = bookApp()
    expect(await asked(app, 'shelf=null')).toMatchObject({ shelf: null })
    expect(await asked(app, 'shelf=7')).toMatchObject({ shelf: 7 })
    expect(await problem(app.get('/books?shelf=none'))).toMatchObject([400, 'input.invalid', [{ path: ['shelf'] }]])
  })

  test.each([
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['Application/JSON;charset="UTF-8"', 200],
    ['application/merge-patch+json', 200],
    ['application/json; charset=latin1', 415],
    ['text/plain', 415],
    ['application/jsonx', 415],
    ['multipart/form-data; boundary=x', 415],
    ['', 415],
  ])('of content type %s is %i', async (type, status) => {
    const answer = bookApp().send('POST', '/count', '{"n":1}', { 'content-type': type })
    expect((await answer).status).toBe(status)
  })

  test('does not take an encoded body', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    expect(await problem(bookApp().send('POST', '/count', '{"n":1}', headers))).toEqual([415, 'input.media_type'])
  })

  test.each([
    ['no JSON', '{"n":', 'input.malformed'],
    ['NUL', '{"n":1,"deep":"\\u0000"}', 'input.malformed'],
    ['half a surrogate pair', '{"n":1,"deep":{"\\ud800":1}}', 'input.malformed'],
    ['a tower', `{"n":1,"deep":${'['.repeat(20)}${']'.repeat(20)}}`, 'input.malformed'],
    ['an array', '[1]', 'input.invalid'],
    ['null', 'null', 'input.invalid'],
    ['a number', '5', 'input.invalid'],
    ['__proto__', '{"n":1,"__proto__":{}}', 'input.malformed'],
  ])('refuses a body of %s', async (_, body, code) => {
    const answer = bookApp().send('POST', '/count', body, { 'content-type': 'application/json' })
    expect((await problem(answer)).slice(0, 2)).toEqual([400, code])
  })

  test('refuses bytes that are no UTF-8', async () => {
    const request = new Request('http://localhost/count', {
      method: 'POST',
      body: new Uint8Array([0x22, 0xff, 0x22]),
      headers: { authorization: 'Bearer ann', 'content-type': 'application/json' },
    })
    expect(await problem(bookApp().fetch(request, { address: '' }))).toEqual([400, 'input.malformed'])
  })

  test('refuses NUL in path and query', async () => {
    expect(await problem(bookApp().get('/books/a%00'))).toEqual([400, 'input.malformed'])
    expect(await problem(bookApp().get('/books?authorId=%00'))).toEqual([400, 'input.malformed'])
  })

  test('refuses a body that would be passed over', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': '2' }
    expect(await problem(bookApp().send('DELETE', '/books/b1', '{}', headers))).toEqual([400, 'input.malformed'])
  })
})

import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import { code, key, openVerified, type Said, seconds, sign, verifier } from './verifier.testing.ts'

openVerified()

const bytesOf = (segment: string) => Buffer.from(segment, 'base64url')

describe('a token is refused', () => {
  test.each<[string, Said]>([
    ['of another issuer', { claims: { iss: 'https://elsewhere' } }],
    ['for another audience', { claims: { aud: 'another' } }],
    ['for no audience', { claims: { aud: undefined } }],
    ['of another type', { header: { typ: 'JWT' } }],
    ['of no type', { header: { typ: undefined } }],
    ['without an expiry', { claims: { exp: undefined } }],
    ['without a time of issue', { claims: { iat: undefined } }],
    ['without a subject', { claims: { sub: undefined } }],
    ['with a subject that is no id', { claims: { sub: 'ivan' } }],
    ['without a session', { claims: { sid: undefined } }],
    ['with a session that is no id', { claims: { sid: 7 } }],
    ['without a token id', { claims: { jti: undefined } }],
    ['without a role', { claims: { role: undefined } }],
    ['with a role that there is not', { claims: { role: 'system' } }],
    ['that is not to be used yet', { claims: { nbf: seconds + 60 } }],
    ['with a key id that there is not', { header: { kid: 'another' } }],
    ['without a key id', { header: { kid: undefined } }],
  ])('%s', async (_, said) => {
    expect(await code(sign(key, said))).toBe('auth.invalid')
  })

  test('that another key signed under the key id of ours', async () => {
    const { privateKey } = await generateKeyPair('Ed25519')
    expect(await code(sign(key, { signWith: privateKey }))).toBe('auth.invalid')
  })

  test('that is signed with HMAC and the public key as its secret', async () => {
    for (const signWith of [Buffer.from(key.x, 'base64url'), Buffer.from(key.x)]) {
      for (const kid of [key.kid, undefined]) {
        expect(await code(sign(key, { header: { alg: 'HS256', kid }, signWith }))).toBe('auth.invalid')
      }
    }
  })

  test('that brings its own key along', async () => {
    const own = await generateKeyPair('Ed25519', { extractable: true })
    const jwk = await exportJWK(own.publicKey)
    for (const header of [{ jwk }, { jwk, kid: undefined }, { jku: 'https://elsewhere/jwks.json' }]) {
      expect(await code(sign(key, { header, signWith: own.privateKey }))).toBe('auth.invalid')
    }
  })

  test('that is not signed', async () => {
    const [, payload] = (await sign(key)).split('.')
    for (const alg of ['none', 'None', 'NONE', '']) {
      const header = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt' })).toString('base64url')
      for (const signature of ['', 'AAAA']) expect(await code(`${header}.${payload}.${signature}`)).toBe('auth.invalid')
    }
  })

  test('that is no token', async () => {
    for (const text of ['', '.', '..', 'ivan', `${'a'.repeat(5000)}.b.c`]) expect(await code(text)).toBe('auth.invalid')
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        expect(await code(text)).toBe('auth.invalid')
      }),
    )
  })

  test('with any character of it changed', async () => {
    const token = await sign(key)
    await verifier.verify(token)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...alphabet), async (at, character) => {
        fc.pre(character !== token[at])
        expect(await code(token.slice(0, at) + character + token.slice(at + 1))).toBe('auth.invalid')
      }),
      { numRuns: 300 },
    )
  })

  test('with another last character of a segment that stands for the same bytes', async () => {
    const segments = (await sign(key)).split('.')
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    const same = segments.flatMap((segment, nth) =>
      alphabet
        .map((last) => segment.slice(0, -1) + last)
        .filter((text) => text !== segment && bytesOf(text).equals(bytesOf(segment)))
        .map((text) => segments.with(nth, text).join('.')),
    )
    expect(same.length).toBeGreaterThanOrEqual(3) // of the signature alone
    for (const token of same) expect(await code(token), token).toBe('auth.invalid')
  })

  test('with white space, padding or the other alphabet in it', async () => {
    const token = await sign(key)
    for (const mark of [' ', '\t', '\n', '=']) {
      for (const at of [0, 5, token.length - 40, token.length - 1, token.length]) {
        expect(await code(token.slice(0, at) + mark + token.slice(at)), `${mark} at ${at}`).toBe('auth.invalid')
      }
    }
    const standard = async (): Promise<string> => {
      const [good, other] = await sign(key).then((text) => [text, text.replaceAll('-', '+').replaceAll('_', '/')])
      return good === other ? standard() : other!
    }
    expect(await code(standard())).toBe('auth.invalid')
  })
})

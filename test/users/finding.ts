import { describe, expect, test } from 'vitest'
import { faces } from '../system/client.ts'
import { walkPages } from '../system/pages.ts'
import { unique } from '../system/people.ts'
import { admin } from '../system.ts'
import type { Bench } from './bench.ts'

export function findingSuite(bench: Bench): void {
  describe.each(faces)('finding users over %s', (face) => {
    test('an email is shown to its user and to admins', async () => {
      const email = `${bench.ann.username}@example.com`
      expect(await bench.ann.over(face).users.me()).toMatchObject({ id: bench.ann.id, email })
      expect(await bench.root.over(face).users.byId({ id: bench.ann.id })).toMatchObject({ email })
      expect(await bench.bob.over(face).users.byId({ id: bench.ann.id })).not.toHaveProperty('email')
      const { items } = await bench.bob.over(face).users.list({ q: bench.ann.username })
      expect(items).toEqual([expect.not.objectContaining({ email })])
    })

    test('a user is found by id and by username', async () => {
      const found = { id: bench.ann.id, username: bench.ann.username }
      const { users } = bench.bob.over(face)
      expect(await users.byId({ id: bench.ann.id.toUpperCase() })).toMatchObject(found)
      expect(await users.byId({ id: bench.ann.username.toUpperCase() })).toMatchObject(found)
      expect(await users.byUsername({ username: bench.ann.username })).toMatchObject(found)
      expect(await users.byId({ id: 'me' })).toMatchObject({ id: bench.bob.id })
      await expect(users.byId({ id: unique('nobody') })).rejects.toMatchObject({ status: 404, code: 'user.not_found' })
    })

    test('a search looks for a mask in usernames and full names, in any case and script', async () => {
      const tag = unique('q').replaceAll('-', '')
      await bench.made(face, `iv${tag}`, { fullName: 'Пётр Ёлкин' })
      await bench.made(face, `al${tag}`, { fullName: `Ivor ${tag}` })
      const { users } = bench.bob.over(face)
      const named = async (q: string) => (await users.list({ q })).items.map(({ username }) => username)
      expect(await named(`IV${tag}*`)).toEqual([`iv${tag}`])
      expect(await named(`*${tag}`)).toEqual([`al${tag}`, `iv${tag}`])
      expect(await named(`v${tag.slice(0, -1)}`)).toEqual([`iv${tag}`])
      expect(await named(`ivor ${tag}`)).toEqual([`al${tag}`])
      expect(await named('ПЁТР*')).toContain(`iv${tag}`)
      expect(await named('ёлк')).toContain(`iv${tag}`)
      expect(await named(`%${tag}`)).toEqual([])
      expect(await named(`_v${tag}`)).toEqual([])
    })

    test.each(['-createdAt', 'username'] as const)('pages by %s stay the same while users are made', async (sort) => {
      const tag = unique('page')
      const names = [0, 1, 2, 3, 4].map((nth) => `${tag}-${nth}`)
      for (const name of names) await bench.made(face, name)
      const seen = await walkPages(
        (cursor) => bench.bob.over(face).users.list({ q: `${tag}*`, sort, limit: 2, ...cursor }),
        () => bench.made(face, `${tag}-0${unique('late')}`), // before the place of either list
      )
      expect(seen.map(({ username }) => username)).toEqual(sort === 'username' ? names : names.toReversed())
    })

    test('admins are listed by role', async () => {
      const { items } = await bench.bob.over(face).users.list({ role: 'admin' })
      expect(items).toEqual([expect.objectContaining({ username: admin.username })])
    })
  })
}

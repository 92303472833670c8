import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Client, faces } from './system/client.ts'
import { walkPages } from './system/pages.ts'
import { type Person, unique } from './system/people.ts'
import type { StartSystem, System } from './system.ts'
import { admin } from './system.ts'

/** What people do with accounts, over both faces. */
export function usersSuite(start: StartSystem): void {
  let system: System
  let root: Person
  let ann: Person
  let bob: Person
  beforeAll(async () => {
    system = await start()
    root = await system.people.admin()
    ann = await system.people.join('ann')
    bob = await system.people.join('bob')
  })
  afterAll(() => system?.stop())

  describe.each(faces)('users over %s', (face) => {
    let open: Client
    beforeAll(() => {
      open = system.people.stranger.over(face)
    })

    /** Made by the admin, without a password. */
    const made = (username: string, more: { fullName?: string } = {}) =>
      root.over(face).users.create({ username, email: `${unique('mail')}@example.com`, ...more })

    const password = 'a quite good passphrase'
    const newcomer = (name: string) => {
      const username = unique(name)
      return { username, email: `${username}@example.com`, password }
    }

    test('whoever registers is a member, and logs in by name or email', async () => {
      const eve = newcomer('eve')
      const registered = await open.users.register({ ...eve, fullName: 'Eve Adams' })
      expect(registered).toMatchObject({ username: eve.username, fullName: 'Eve Adams', role: 'member', version: 1 })
      expect(registered).not.toHaveProperty('password')
      expect(await open.users.login({ username: eve.username.toUpperCase(), password })).toMatchObject({
        token_type: 'Bearer',
        expires_in: 600,
      })
      expect(await open.users.login({ username: eve.email, password })).toHaveProperty('access_token')
    })

    test('a username and an email are taken in any spelling', async () => {
      const { username, email } = newcomer('eve')
      await open.users.register({ username, email, password })
      await expect(
        open.users.register({ username: username.toUpperCase(), email: 'other@example.com', password }),
      ).rejects.toMatchObject({ status: 409, code: 'user.username_taken' })
      await expect(
        open.users.register({ username: unique('other'), email: email.toUpperCase(), password }),
      ).rejects.toMatchObject({ status: 409, code: 'user.email_taken' })
    })

    test('a password that is easy to guess is refused', async () => {
      const { username, email } = newcomer('eve')
      const refused = { status: 400, code: 'password.weak' }
      await expect(open.users.register({ username, email, password: 'aaaaaaaaaaaaaa' })).rejects.toMatchObject(refused)
      await expect(open.users.register({ username, email, password: `${username}1` })).rejects.toMatchObject(refused)
    })

    test('an unknown name and a wrong password are refused alike', async () => {
      const wrong = { status: 401, code: 'credentials.wrong' }
      await expect(open.users.login({ username: unique('nobody'), password })).rejects.toMatchObject(wrong)
      await expect(open.users.login({ username: ann.username, password })).rejects.toMatchObject(wrong)
    })

    test('an email is shown to its user and to admins', async () => {
      const email = `${ann.username}@example.com`
      expect(await ann.over(face).users.me()).toMatchObject({ id: ann.id, email })
      expect(await root.over(face).users.byId({ id: ann.id })).toMatchObject({ email })
      expect(await bob.over(face).users.byId({ id: ann.id })).not.toHaveProperty('email')
      const { items } = await bob.over(face).users.list({ q: ann.username })
      expect(items).toEqual([expect.not.objectContaining({ email })])
    })

    test('a user is found by id and by username', async () => {
      const found = { id: ann.id, username: ann.username }
      const { users } = bob.over(face)
      expect(await users.byId({ id: ann.id.toUpperCase() })).toMatchObject(found)
      expect(await users.byId({ id: ann.username.toUpperCase() })).toMatchObject(found)
      expect(await users.byUsername({ username: ann.username })).toMatchObject(found)
      expect(await users.byId({ id: 'me' })).toMatchObject({ id: bob.id })
      await expect(users.byId({ id: unique('nobody') })).rejects.toMatchObject({ status: 404, code: 'user.not_found' })
    })

    test('a search looks for a mask in usernames and full names, in any case and script', async () => {
      const tag = unique('q').replaceAll('-', '')
      await made(`iv${tag}`, { fullName: 'Пётр Ёлкин' })
      await made(`al${tag}`, { fullName: `Ivor ${tag}` })
      const { users } = bob.over(face)
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
      for (const name of names) await made(name)
      const seen = await walkPages(
        (cursor) => bob.over(face).users.list({ q: `${tag}*`, sort, limit: 2, ...cursor }),
        () => made(`${tag}-0${unique('late')}`), // before the place of either list
      )
      expect(seen.map(({ username }) => username)).toEqual(sort === 'username' ? names : names.toReversed())
    })

    test('admins are listed by role', async () => {
      const { items } = await bob.over(face).users.list({ role: 'admin' })
      expect(items).toEqual([expect.objectContaining({ username: admin.username })])
    })

    test('refreshing replaces both tokens; a token that was used up ends the session', async () => {
      const { refreshToken } = await system.people.login(ann)
      const second = await open.users.refresh({ refresh_token: refreshToken })
      expect(second.refresh_token).not.toBe(refreshToken)
      const third = await open.users.refresh({ refresh_token: second.refresh_token })
      const refused = { status: 401, code: 'session.invalid' }
      await expect(open.users.refresh({ refresh_token: refreshToken })).rejects.toMatchObject(refused)
      await expect(open.users.refresh({ refresh_token: third.refresh_token })).rejects.toMatchObject(refused)
      await isOut(third.access_token)
    })

    test('whoever logs out is out, and stays logged in elsewhere', async () => {
      const [here, there] = [await system.people.login(ann), await system.people.login(ann)]
      await here.over(face).users.logout()
      await isOut(here.token)
      await expect(open.users.refresh({ refresh_token: here.refreshToken })).rejects.toMatchObject({ status: 401 })
      expect(await there.over(face).users.me()).toMatchObject({ id: ann.id })
    })

    test('a changed password ends the other sessions', async () => {
      const eve = await system.people.join('eve')
      const other = await system.people.login(eve)
      const { users } = eve.over(face)
      await expect(users.changePassword({ password: 'not this one', newPassword: password })).rejects.toMatchObject({
        status: 403,
        code: 'password.wrong',
      })
      await users.changePassword({ password: eve.password, newPassword: password })
      await isOut(other.token)
      expect(await users.me()).toMatchObject({ id: eve.id })
      await expect(system.people.login(eve)).rejects.toMatchObject({ code: 'credentials.wrong' })
      expect(await system.people.login({ username: eve.username, password })).toMatchObject({ id: eve.id })
    })

    test('whom an admin makes sets a password with the setup token, once', async () => {
      const username = unique('guest')
      const { setupToken } = await made(username)
      await expect(open.users.login({ username, password })).rejects.toMatchObject({ code: 'credentials.wrong' })
      await open.users.setPassword({ setupToken: setupToken!, password })
      const guest = await system.people.login({ username, password })
      const refused = { status: 401, code: 'setup.invalid' }
      await expect(open.users.setPassword({ setupToken: setupToken!, password })).rejects.toMatchObject(refused)
      await expect(open.users.setPassword({ setupToken: 'made up', password })).rejects.toMatchObject(refused)

      const again = await root.over(face).users.issueSetup({ id: username })
      await open.users.setPassword({ setupToken: again.setupToken, password: `${password} too` })
      await isOut(guest.token)
    })

    test('only admins make users and setup tokens', async () => {
      const forbidden = { status: 403, code: 'access.forbidden' }
      const { users } = ann.over(face)
      await expect(users.create({ username: unique('x'), email: 'x@example.com' })).rejects.toMatchObject(forbidden)
      await expect(users.issueSetup({ id: ann.id })).rejects.toMatchObject(forbidden)
    })

    test('everyone changes themselves, nobody but an admin others, and roles', async () => {
      const { users } = ann.over(face)
      expect(await users.update({ id: 'me', fullName: 'Ann A.' })).toMatchObject({ id: ann.id, fullName: 'Ann A.' })
      const forbidden = { status: 403, code: 'access.forbidden' }
      await expect(users.update({ id: bob.id, fullName: 'Robert' })).rejects.toMatchObject(forbidden)
      await expect(users.update({ id: ann.id, role: 'admin' })).rejects.toMatchObject(forbidden)
      const renamed = await root.over(face).users.update({ id: bob.username, fullName: 'Robert' })
      expect(renamed).toMatchObject({ id: bob.id, fullName: 'Robert', role: 'member' })
    })

    test('a new name is known at once, and the old one free', async () => {
      const [before, after] = [unique('before'), unique('after')]
      const { id } = await made(before)
      const { users } = root.over(face)
      expect(await users.update({ id, username: after })).toMatchObject({ id, username: after, version: 2 })
      expect(await users.byUsername({ username: after })).toMatchObject({ id })
      await expect(users.byUsername({ username: before })).rejects.toMatchObject({ code: 'user.not_found' })
      expect(await made(before)).toMatchObject({ username: before })
    })

    test('a change for another version than the present one is refused, and says which that is', async () => {
      const { id } = await made(unique('versioned'))
      const { users } = root.over(face)
      await users.update({ id, fullName: 'Two', expectedVersion: 1 })
      await expect(users.update({ id, fullName: 'Three', expectedVersion: 1 })).rejects.toMatchObject({
        status: 412,
        code: 'version.mismatch',
      })
      await expect(users.remove({ id, expectedVersion: 1 })).rejects.toMatchObject({ status: 412 })
      await users.remove({ id, expectedVersion: 2 })
    })

    test('there is always an admin: none demotes or removes themselves', async () => {
      const self = { status: 409, code: 'user.admin_self' }
      const { users } = root.over(face)
      await expect(users.update({ id: 'me', role: 'member' })).rejects.toMatchObject(self)
      await expect(users.remove({ id: 'me' })).rejects.toMatchObject(self)
    })

    test('a new role takes a new token', async () => {
      const eve = await system.people.join('eve')
      await root.over(face).users.update({ id: eve.id, role: 'admin' })
      await isOut(eve.token)
      const again = await system.people.login(eve)
      expect(await again.over(face).users.byId({ id: ann.id })).toHaveProperty('email')
      await root.over(face).users.update({ id: eve.id, role: 'member' })
    })

    test('whoever alone owns a project is not removed before it is', async () => {
      const eve = await system.people.join('eve')
      const project = await eve.over(face).projects.create({ name: unique('own') })
      await expect(root.over(face).users.remove({ id: eve.id })).rejects.toMatchObject({
        status: 409,
        code: 'user.owns_projects',
        extra: { projects: [{ id: project.id, name: project.name }] },
      })
      await eve.over(face).projects.remove({ id: project.id })
      await eve.over(face).users.remove({ id: 'me' })
      await isOut(eve.token)
      await expect(root.over(face).users.byId({ id: eve.id })).rejects.toMatchObject({ code: 'user.not_found' })
      await expect(system.people.login(eve)).rejects.toMatchObject({ code: 'credentials.wrong' })
      expect(await made(eve.username)).toMatchObject({ username: eve.username })
    })

    test('whom tasks and projects name is told apart from nobody after the removal, and nothing else of them is left', async () => {
      const [eve, uma] = [await system.people.join('eve'), await system.people.join('uma')]
      const { projects, tasks, users } = uma.over(face)
      const { id: projectId } = await projects.create({ name: unique('left behind') })
      await projects.addMember({ id: projectId, user: eve.id, role: 'member' })
      const task = await tasks.create({ projectId, title: 'hers', assignee: eve.id })
      const named = async () => {
        const members = (await projects.byId({ id: projectId })).members.map(({ userId }) => userId)
        const { assigneeId } = await tasks.byId({ id: task.id })
        return (await users.list({ id: [assigneeId!, ...members], sort: 'username' })).items
      }
      expect(await named()).toEqual([
        expect.objectContaining({ id: eve.id, username: eve.username }),
        expect.objectContaining({ id: uma.id, username: uma.username }),
      ])
      await eve.over(face).users.remove({ id: 'me' })
      const [gone, here] = await named()
      const { createdAt, updatedAt } = gone!
      const left = { id: eve.id, version: 2, username: 'removed user', fullName: '', role: 'member', removed: true }
      expect(gone).toEqual({ ...left, createdAt, updatedAt })
      expect(here).toMatchObject({ id: uma.id, username: uma.username })
      expect(here).not.toHaveProperty('removed')
      await expect(users.byId({ id: eve.id })).rejects.toMatchObject({ status: 404, code: 'user.not_found' })
      expect((await root.over(face).users.list({ id: [eve.id] })).items).toEqual([gone])
    })

    /** Within a second or so, on every instance. */
    const isOut = (token: string) =>
      vi.waitFor(
        async () => {
          const headers = { authorization: `Bearer ${token}` }
          const answer = await system.people.stranger.ask('GET', '/users/me', { headers })
          expect(answer).toMatchObject({ status: 401, body: { code: 'auth.revoked' } })
        },
        { timeout: 5000, interval: 50 },
      )
  })
}

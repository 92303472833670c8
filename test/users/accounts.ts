import { describe, expect, test } from 'vitest'
import { faces } from '../system/client.ts'
import { unique } from '../system/people.ts'
import type { Bench } from './bench.ts'

export function accountsSuite(bench: Bench): void {
  describe.each(faces)('accounts over %s', (face) => {
    const open = () => bench.people.stranger.over(face)

    const password = 'a quite good passphrase'
    const newcomer = (name: string) => {
      const username = unique(name)
      return { username, email: `${username}@example.com`, password }
    }

    test('whoever registers is a member, and logs in by name or email', async () => {
      const eve = newcomer('eve')
      const registered = await open().users.register({ ...eve, fullName: 'Eve Adams' })
      expect(registered).toMatchObject({ username: eve.username, fullName: 'Eve Adams', role: 'member', version: 1 })
      expect(registered).not.toHaveProperty('password')
      expect(await open().users.login({ username: eve.username.toUpperCase(), password })).toMatchObject({
        token_type: 'Bearer',
        expires_in: 600,
      })
      expect(await open().users.login({ username: eve.email, password })).toHaveProperty('access_token')
    })

    test('a username and an email are taken in any spelling', async () => {
      const { username, email } = newcomer('eve')
      await open().users.register({ username, email, password })
      await expect(
        open().users.register({ username: username.toUpperCase(), email: 'other@example.com', password }),
      ).rejects.toMatchObject({ status: 409, code: 'user.username_taken' })
      await expect(
        open().users.register({ username: unique('other'), email: email.toUpperCase(), password }),
      ).rejects.toMatchObject({ status: 409, code: 'user.email_taken' })
    })

    test('a password that is easy to guess is refused', async () => {
      const { username, email } = newcomer('eve')
      const refused = { status: 400, code: 'password.weak' }
      await expect(open().users.register({ username, email, password: 'aaaaaaaaaaaaaa' })).rejects.toMatchObject(
        refused,
      )
      await expect(open().users.register({ username, email, password: `${username}1` })).rejects.toMatchObject(refused)
    })

    test('an unknown name and a wrong password are refused alike', async () => {
      const wrong = { status: 401, code: 'credentials.wrong' }
      await expect(open().users.login({ username: unique('nobody'), password })).rejects.toMatchObject(wrong)
      await expect(open().users.login({ username: bench.ann.username, password })).rejects.toMatchObject(wrong)
    })

    test('refreshing replaces both tokens; a token that was used up ends the session', async () => {
      const { refreshToken } = await bench.people.login(bench.ann)
      const second = await open().users.refresh({ refresh_token: refreshToken })
      expect(second.refresh_token).not.toBe(refreshToken)
      const third = await open().users.refresh({ refresh_token: second.refresh_token })
      const refused = { status: 401, code: 'session.invalid' }
      await expect(open().users.refresh({ refresh_token: refreshToken })).rejects.toMatchObject(refused)
      await expect(open().users.refresh({ refresh_token: third.refresh_token })).rejects.toMatchObject(refused)
      await bench.isOut(third.access_token)
    })

    test('whoever logs out is out, and stays logged in elsewhere', async () => {
      const [here, there] = [await bench.people.login(bench.ann), await bench.people.login(bench.ann)]
      await here.over(face).users.logout()
      await bench.isOut(here.token)
      await expect(open().users.refresh({ refresh_token: here.refreshToken })).rejects.toMatchObject({ status: 401 })
      expect(await there.over(face).users.me()).toMatchObject({ id: bench.ann.id })
    })

    test('a changed password ends the other sessions', async () => {
      const eve = await bench.people.join('eve')
      const other = await bench.people.login(eve)
      const { users } = eve.over(face)
      await expect(users.changePassword({ password: 'not this one', newPassword: password })).rejects.toMatchObject({
        status: 403,
        code: 'password.wrong',
      })
      await users.changePassword({ password: eve.password, newPassword: password })
      await bench.isOut(other.token)
      expect(await users.me()).toMatchObject({ id: eve.id })
      await expect(bench.people.login(eve)).rejects.toMatchObject({ code: 'credentials.wrong' })
      expect(await bench.people.login({ username: eve.username, password })).toMatchObject({ id: eve.id })
    })

    test('whom an admin makes sets a password with the setup token, once', async () => {
      const username = unique('guest')
      const { setupToken } = await bench.made(face, username)
      await expect(open().users.login({ username, password })).rejects.toMatchObject({ code: 'credentials.wrong' })
      await open().users.setPassword({ setupToken: setupToken!, password })
      const guest = await bench.people.login({ username, password })
      const refused = { status: 401, code: 'setup.invalid' }
      await expect(open().users.setPassword({ setupToken: setupToken!, password })).rejects.toMatchObject(refused)
      await expect(open().users.setPassword({ setupToken: 'made up', password })).rejects.toMatchObject(refused)

      const again = await bench.root.over(face).users.issueSetup({ id: username })
      await open().users.setPassword({ setupToken: again.setupToken, password: `${password} too` })
      await bench.isOut(guest.token)
    })

    test('a new role takes a new token', async () => {
      const eve = await bench.people.join('eve')
      await bench.root.over(face).users.update({ id: eve.id, role: 'admin' })
      await bench.isOut(eve.token)
      const again = await bench.people.login(eve)
      expect(await again.over(face).users.byId({ id: bench.ann.id })).toHaveProperty('email')
      await bench.root.over(face).users.update({ id: eve.id, role: 'member' })
    })
  })
}

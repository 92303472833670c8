import { describe, expect, test } from 'vitest'
import { newId } from '../../platform/ids.ts'
import { another, type Fixture, home, password } from './fixture.testing.ts'

const away = '198.51.100.1'
const refused = (code: string) => expect.objectContaining({ code })
const limited = refused('rate.limited')

/** How often what may be tried. No time passes, so nothing is given back but for a success. */
export function limitsSuite(opened: () => Fixture): void {
  describe('a limit', () => {
    test('of wrong passwords is of a name, from any address, until one is right', async () => {
      const accounts = opened().accountsWith()
      await opened().registered('ivan', accounts)
      const wrong = (n: number) => accounts.login('ivan', another, `192.0.2.${n}`).catch(({ code }) => code)
      for (let n = 0; n < 9; n++) expect(await wrong(n)).toBe('credentials.wrong')
      await accounts.login('IVAN', password, home)
      for (let n = 0; n < 10; n++) expect(await wrong(n)).toBe('credentials.wrong')
      expect(await wrong(10)).toBe('rate.limited')
      await expect(accounts.login('ivan', password, home)).rejects.toEqual(limited)
    })

    test('tells nobody that a username and an email are of one account', async () => {
      const accounts = opened().accountsWith()
      await opened().registered('ivan', accounts)
      const wrong = (login: string) => accounts.login(login, another, home).catch(({ code }) => code)
      for (let n = 0; n < 11; n++) await wrong('ivan')
      const logins = ['ivan', 'ivan@example.com', 'olga@example.com', 'olga']
      const codes = ['rate.limited', 'credentials.wrong', 'credentials.wrong', 'credentials.wrong']
      expect(await Promise.all(logins.map(wrong))).toEqual(codes)
    })

    test('of an address is one for all accounts', async () => {
      const accounts = opened().accountsWith()
      const codes = new Set<string>()
      for (let n = 0; n < 60; n++)
        codes.add(await accounts.login(`nobody${n}`, password, home).catch(({ code }) => code))
      expect([...codes]).toEqual(['credentials.wrong'])
      await expect(accounts.login('nobody', password, home)).rejects.toEqual(limited)
      await expect(accounts.login('nobody', password, away)).rejects.toEqual(refused('credentials.wrong'))
    })

    test('of an address is the same for logins, refreshes, password changes and setups', async () => {
      const accounts = opened().accountsWith()
      const ivan = await opened().registered('ivan', accounts)
      const tokens = await accounts.login('ivan', password, away)
      const actor = await opened().verifier.verify(tokens.access_token)
      const { setupToken } = await accounts.issueSetup(ivan.id)
      const ways = [
        (address: string) => accounts.login('ivan', password, address),
        (address: string) => accounts.refresh(tokens.refresh_token, address),
        (address: string) => accounts.changePassword(actor, password, another, address),
        (address: string) => accounts.setPassword(setupToken, another, address),
      ]
      for (let n = 0; n < 60; n++) await accounts.refresh('no token', home).catch(() => undefined)
      for (const way of ways) await expect(way(home)).rejects.toEqual(limited)
      await accounts.refresh(tokens.refresh_token, away)
    })

    test('of wrong passwords holds for changing one too, from any address, until one is right', async () => {
      const accounts = opened().accountsWith()
      await opened().registered('ivan', accounts)
      const actor = await opened().verifier.verify((await accounts.login('ivan', password, home)).access_token)
      const change = (old: string, n: number) => accounts.changePassword(actor, old, password, `192.0.2.${n}`)
      const wrong = (n: number) => expect(change(another, n)).rejects.toEqual(refused('password.wrong'))
      for (let n = 0; n < 9; n++) await wrong(n)
      await change(password, 9)
      for (let n = 0; n < 10; n++) await wrong(n)
      await expect(change(password, 10)).rejects.toEqual(limited)
      await accounts.login('ivan', password, home) // whoever is kept out of the one is not out of the other
    })

    test('of registrations is an address’s own, and no other call’s', async () => {
      const accounts = opened().accountsWith()
      const register = (address: string) =>
        accounts.prepare(newId(), { username: 'ivan', email: 'ivan@example.com', password }, address)
      for (let n = 0; n < 60; n++) await register(home)
      await expect(register(home)).rejects.toEqual(limited)
      await register(away)
      await expect(accounts.login('nobody', password, home)).rejects.toEqual(refused('credentials.wrong'))
    })
  })
}

import { describe, expect, test } from 'vitest'
import { faces } from '../system/client.ts'
import { unique } from '../system/people.ts'
import type { Bench } from './bench.ts'

export function changingSuite(bench: Bench): void {
  describe.each(faces)('changing users over %s', (face) => {
    test('only admins make users and setup tokens', async () => {
      const forbidden = { status: 403, code: 'access.forbidden' }
      const { users } = bench.ann.over(face)
      await expect(users.create({ username: unique('x'), email: 'x@example.com' })).rejects.toMatchObject(forbidden)
      await expect(users.issueSetup({ id: bench.ann.id })).rejects.toMatchObject(forbidden)
    })

    test('everyone changes themselves, nobody but an admin others, and roles', async () => {
      const { users } = bench.ann.over(face)
      expect(await users.update({ id: 'me', fullName: 'Ann A.' })).toMatchObject({
        id: bench.ann.id,
        fullName: 'Ann A.',
      })
      const forbidden = { status: 403, code: 'access.forbidden' }
      await expect(users.update({ id: bench.bob.id, fullName: 'Robert' })).rejects.toMatchObject(forbidden)
      await expect(users.update({ id: bench.ann.id, role: 'admin' })).rejects.toMatchObject(forbidden)
      const renamed = await bench.root.over(face).users.update({ id: bench.bob.username, fullName: 'Robert' })
      expect(renamed).toMatchObject({ id: bench.bob.id, fullName: 'Robert', role: 'member' })
    })

    test('a new name is known at once, and the old one free', async () => {
      const [before, after] = [unique('before'), unique('after')]
      const { id } = await bench.made(face, before)
      const { users } = bench.root.over(face)
      expect(await users.update({ id, username: after })).toMatchObject({ id, username: after, version: 2 })
      expect(await users.byUsername({ username: after })).toMatchObject({ id })
      await expect(users.byUsername({ username: before })).rejects.toMatchObject({ code: 'user.not_found' })
      expect(await bench.made(face, before)).toMatchObject({ username: before })
    })

    test('a change for another version than the present one is refused, and says which that is', async () => {
      const { id } = await bench.made(face, unique('versioned'))
      const { users } = bench.root.over(face)
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
      const { users } = bench.root.over(face)
      await expect(users.update({ id: 'me', role: 'member' })).rejects.toMatchObject(self)
      await expect(users.remove({ id: 'me' })).rejects.toMatchObject(self)
    })

    test('whoever alone owns a project is not removed before it is', async () => {
      const eve = await bench.people.join('eve')
      const project = await eve.over(face).projects.create({ name: unique('own') })
      await expect(bench.root.over(face).users.remove({ id: eve.id })).rejects.toMatchObject({
        status: 409,
        code: 'user.owns_projects',
        extra: { projects: [{ id: project.id, name: project.name }] },
      })
      await eve.over(face).projects.remove({ id: project.id })
      await eve.over(face).users.remove({ id: 'me' })
      await bench.isOut(eve.token)
      await expect(bench.root.over(face).users.byId({ id: eve.id })).rejects.toMatchObject({ code: 'user.not_found' })
      await expect(bench.people.login(eve)).rejects.toMatchObject({ code: 'credentials.wrong' })
      expect(await bench.made(face, eve.username)).toMatchObject({ username: eve.username })
    })

    test('whom tasks and projects name is told apart from nobody after the removal, and nothing else of them is left', async () => {
      const [eve, uma] = [await bench.people.join('eve'), await bench.people.join('uma')]
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
      expect((await bench.root.over(face).users.list({ id: [eve.id] })).items).toEqual([gone])
    })
  })
}

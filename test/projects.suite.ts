import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, type Face, faces } from './system/client.ts'
import { walkPages } from './system/pages.ts'
import { type Person, unique } from './system/people.ts'
import type { StartSystem, System } from './system.ts'

/** Names for what may be made once only. */
const names: Record<Face, { latin: string; again: string; cyrillic: string; key: string }> = {
  REST: { latin: 'Gemini', again: 'Gemini!', cyrillic: 'Аполлон', key: 'APOLLON' },
  tRPC: { latin: 'Mercury', again: 'Mercury?', cyrillic: 'Восток', key: 'VOSTOK' },
}

const notFound = { status: 404, code: 'project.not_found' }
const forbidden = { status: 403, code: 'access.forbidden' }

/** What people do with projects and their members, over both faces. */
export function projectsSuite(start: StartSystem): void {
  let system: System
  let root: Person
  let owner: Person
  let maintainer: Person
  let viewer: Person
  let outsider: Person
  beforeAll(async () => {
    system = await start()
    root = await system.people.admin()
    owner = await system.people.join('owner')
    maintainer = await system.people.join('maintainer')
    viewer = await system.people.join('viewer')
    outsider = await system.people.join('outsider')
  })
  afterAll(() => system?.stop())

  describe.each(faces)('projects over %s', (face) => {
    let projects: Client['projects']
    const as = (person: Person) => person.over(face).projects
    beforeAll(() => {
      projects = as(owner)
    })

    /** With a maintainer and a viewer. */
    async function team(name = unique('team')) {
      const { id } = await projects.create({ name })
      await projects.addMember({ id, user: maintainer.username, role: 'maintainer' })
      return projects.addMember({ id, user: viewer.id, role: 'viewer' })
    }

    test('whoever makes one owns it', async () => {
      const name = unique('Made')
      const project = await projects.create({ name, description: 'Two\nlines' })
      expect(project).toMatchObject({
        ...{ name, description: 'Two\nlines', version: 1, archived: false },
        members: [{ userId: owner.id, role: 'owner' }],
      })
      expect(project.number).toBeGreaterThan(0)
      expect(await projects.byId({ id: project.id })).toEqual(project)
    })

    test('a key is derived from the name, from Cyrillic too, and a taken one gets a numeral', async () => {
      const { latin, again, cyrillic, key } = names[face]
      expect(await projects.create({ name: latin })).toMatchObject({ key: latin.toUpperCase() })
      expect(await projects.create({ name: again })).toMatchObject({ key: `${latin.toUpperCase()}2` })
      expect(await projects.create({ name: cyrillic })).toMatchObject({ key })
    })

    test('a given key that is taken is refused, and so is a name that is taken, in any spelling', async () => {
      const name = unique('Taken')
      const { key } = await projects.create({ name })
      await expect(projects.create({ name: unique('other'), key })).rejects.toMatchObject({
        status: 409,
        code: 'project.key_taken',
      })
      await expect(projects.create({ name: name.toUpperCase() })).rejects.toMatchObject({
        status: 409,
        code: 'project.name_taken',
      })
    })

    test("a name that is another project's key is refused, and the reverse", async () => {
      const key = `K${face.toUpperCase()}`
      await projects.create({ name: unique('keyed'), key })
      await expect(projects.create({ name: key.toLowerCase() })).rejects.toMatchObject({
        status: 409,
        code: 'project.name_taken',
      })
      const named = `N${face.toUpperCase()}`
      const { id } = await projects.create({ name: named })
      await expect(projects.create({ name: unique('other'), key: named })).rejects.toMatchObject({
        status: 409,
        code: 'project.key_taken',
      })
      expect(await projects.update({ id, name: unique('renamed') })).toMatchObject({ key: named })
      await expect(projects.create({ name: named })).rejects.toMatchObject({ code: 'project.name_taken' })
    })

    test('one is found by id, number, key and name, and each has a number of its own', async () => {
      const [one, other] = [await team(), await team()]
      expect(one.number).not.toBe(other.number)
      for (const id of [one.id, `${one.number}`, one.key, one.key.toLowerCase(), one.name, one.name.toUpperCase()]) {
        expect(await projects.byId({ id })).toEqual(one)
      }
      expect(await projects.byKey({ key: one.key })).toEqual(one)
      expect(await projects.byName({ name: one.name })).toEqual(one)
      await expect(projects.byId({ id: unique('none') })).rejects.toMatchObject(notFound)
      await expect(projects.byId({ id: '999999999999' })).rejects.toMatchObject(notFound)
    })

    test('who is no member sees nothing of it, an admin everything', async () => {
      const { id, key, name } = await team()
      await expect(as(outsider).byId({ id })).rejects.toMatchObject(notFound)
      await expect(as(outsider).byKey({ key })).rejects.toMatchObject(notFound)
      await expect(as(outsider).update({ id, name })).rejects.toMatchObject(notFound)
      await expect(as(outsider).remove({ id })).rejects.toMatchObject(notFound)
      await expect(as(outsider).addMember({ id, user: 'me' })).rejects.toMatchObject(notFound)
      expect(await as(outsider).list({ q: name })).toEqual({ items: [], nextCursor: null })
      expect(await as(root).byId({ id })).toMatchObject({ id })
      expect(await as(root).update({ id, description: 'seen' })).toMatchObject({ description: 'seen' })
      expect((await as(root).list({ q: name })).items).toHaveLength(1)
      expect((await as(root).list({ q: name, mine: true })).items).toHaveLength(0)
    })

    test('a list searches names and keys by mask, and sorts', async () => {
      const tag = unique('q').replaceAll('-', '')
      await projects.create({ name: `Sun ${tag}` })
      await projects.create({ name: `Луна ${tag}`, key: face === 'REST' ? 'LUNAR' : 'LUNAT' })
      const named = async (q: string, sort?: '-name' | 'name') =>
        (await projects.list({ q, ...(sort && { sort }) })).items.map(({ name }) => name)
      expect(await named(tag)).toEqual([`Луна ${tag}`, `Sun ${tag}`])
      expect(await named(`*${tag}`, 'name')).toEqual([`Sun ${tag}`, `Луна ${tag}`])
      expect(await named(`луна ${tag}*`)).toEqual([`Луна ${tag}`])
      expect(await named(face === 'REST' ? 'lunar' : 'lunat')).toEqual([`Луна ${tag}`])
      expect(await named(`su%${tag}`)).toEqual([])
    })

    test('pages stay the same while projects are made', async () => {
      const tag = unique('page')
      const made = [0, 1, 2, 3, 4].map((nth) => `${tag} ${nth}`)
      for (const name of made) await projects.create({ name })
      const seen = await walkPages(
        (cursor) => projects.list({ q: `${tag}*`, limit: 2, ...cursor }),
        () => projects.create({ name: `${tag} ${unique('late')}` }),
      )
      expect(seen.map(({ name }) => name)).toEqual(made.toReversed())
    })

    test('a maintainer changes it, a viewer does not', async () => {
      const { id, version } = await team()
      const name = unique('renamed')
      expect(await as(maintainer).update({ id, name })).toMatchObject({ name, version: version + 1 })
      await expect(as(viewer).update({ id, description: 'no' })).rejects.toMatchObject(forbidden)
      expect(await projects.byName({ name })).toMatchObject({ id })
      await expect(projects.update({ id, name: unique('late'), expectedVersion: version })).rejects.toMatchObject({
        status: 412,
        code: 'version.mismatch',
      })
    })

    test('an archived project is read, and not changed until it is restored', async () => {
      const { id, name } = await team()
      await expect(as(maintainer).archive({ id })).rejects.toMatchObject(forbidden)
      expect(await projects.archive({ id })).toMatchObject({ archived: true })
      const archived = { status: 409, code: 'project.archived' }
      await expect(projects.update({ id, description: 'no' })).rejects.toMatchObject(archived)
      await expect(projects.addMember({ id, user: outsider.id })).rejects.toMatchObject(archived)
      await expect(owner.over(face).tasks.create({ projectId: id, title: 'no' })).rejects.toMatchObject(archived)
      expect((await as(viewer).list({ q: name, archived: true })).items).toHaveLength(1)
      expect((await as(viewer).list({ q: name, archived: false })).items).toHaveLength(0)
      expect(await projects.restore({ id })).toMatchObject({ archived: false })
      expect(await owner.over(face).tasks.create({ projectId: id, title: 'yes' })).toMatchObject({ title: 'yes' })
    })

    test('a maintainer adds, changes and removes members, but no owners', async () => {
      const { id } = await team()
      const added = await as(maintainer).addMember({ id, user: outsider.username })
      expect(added.members).toContainEqual({ userId: outsider.id, role: 'member' })
      await expect(as(maintainer).addMember({ id, user: outsider.id, role: 'viewer' })).rejects.toMatchObject({
        status: 409,
        code: 'member.exists',
        extra: { role: 'member' },
      })
      const changed = await as(maintainer).changeRole({ id, user: outsider.id, role: 'viewer' })
      expect(changed.members).toContainEqual({ userId: outsider.id, role: 'viewer' })
      await expect(as(maintainer).changeRole({ id, user: outsider.id, role: 'owner' })).rejects.toMatchObject(forbidden)
      await expect(as(maintainer).removeMember({ id, user: owner.id })).rejects.toMatchObject(forbidden)
      const { members } = await as(maintainer).removeMember({ id, user: outsider.username })
      expect(members.map(({ userId }) => userId)).not.toContain(outsider.id)
      await expect(as(outsider).byId({ id })).rejects.toMatchObject(notFound)
      await expect(as(maintainer).removeMember({ id, user: outsider.id })).rejects.toMatchObject({
        status: 404,
        code: 'member.not_found',
      })
      await expect(projects.addMember({ id, user: unique('nobody') })).rejects.toMatchObject({
        status: 404,
        code: 'user.not_found',
      })
    })

    test('everyone may leave but the last owner', async () => {
      const { id } = await team()
      expect((await as(viewer).removeMember({ id, user: 'me' })).members).toHaveLength(2)
      const last = { status: 409, code: 'project.last_owner' }
      await expect(projects.removeMember({ id, user: 'me' })).rejects.toMatchObject(last)
      await expect(projects.changeRole({ id, user: owner.id, role: 'member' })).rejects.toMatchObject(last)
      await projects.changeRole({ id, user: maintainer.id, role: 'owner' })
      expect((await projects.removeMember({ id, user: 'me' })).members).toEqual([
        { userId: maintainer.id, role: 'owner' },
      ])
      await expect(projects.byId({ id })).rejects.toMatchObject(notFound)
    })

    test('a removed project is gone with its tasks, and its name is free', async () => {
      const { id, name } = await team()
      const task = await owner.over(face).tasks.create({ projectId: id, title: 'goes too' })
      await expect(as(maintainer).remove({ id })).rejects.toMatchObject(forbidden)
      await projects.remove({ id })
      await expect(projects.byId({ id })).rejects.toMatchObject(notFound)
      await expect(projects.byId({ id: name })).rejects.toMatchObject(notFound)
      await expect(projects.restore({ id })).rejects.toMatchObject(notFound)
      await expect(owner.over(face).tasks.byId({ id: task.id })).rejects.toMatchObject({ code: 'task.not_found' })
      await expect(owner.over(face).tasks.byCode({ code: task.code })).rejects.toMatchObject({ code: 'task.not_found' })
      await expect(owner.over(face).tasks.list({ projectId: id })).rejects.toMatchObject(notFound)
      expect(await projects.create({ name })).toMatchObject({ name })
    })

    test.each(['42', 'me', 'ME', '01981ee4-5a30-7c1e-8a52-3f0c8f3f6a11', ' ', 'two\nlines', 'x'.repeat(121)])(
      'a name is not %j',
      async (name) => {
        await expect(projects.create({ name })).rejects.toMatchObject({ status: 400, code: 'input.invalid' })
      },
    )
  })
}

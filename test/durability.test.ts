import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import type { Project } from '../services/projects/schema.ts'
import { type Load, send, startLoad, type Wish } from './durability/load.ts'
import { walkPages } from './system/pages.ts'
import type { Person } from './system/people.ts'
import { preparedPlace } from './system/place.ts'
import { openPrograms, peopleOf } from './system/programs.ts'

const { run, newPlace } = openPrograms()

describe('killed with -9 while clients write, and started again at once', { timeout: 300_000 }, () => {
  test('it has everything that was acknowledged, codes without gaps, and nothing twice', async () => {
    const DATA_DIR = await newPlace(preparedPlace)
    const projects: Project[] = []
    const wishes: Wish[] = []
    for (const round of [1, 2, 3]) {
      const program = await run({ DATA_DIR })
      await program.ready()
      const root = await peopleOf(program).admin()
      if (round === 1) {
        for (const name of ['One', 'Two']) projects.push(await root.over('REST').projects.create({ name }))
      }
      await expectKept(root, wishes, projects)
      if (round === 3) return
      const load = startLoad(
        root,
        projects.map(({ id }) => id),
        8,
      )
      await vi.waitFor(() => expect(load.acknowledged).toBeGreaterThan(60), { timeout: 60_000, interval: 10 })
      expect(await program.end('SIGKILL')).toBe(137)
      await load.stop()
      expect(load.acknowledged).toBeGreaterThan(60)
      wishes.push(...load.wishes)
    }
  })

  /** Whoever had no answer asks again under the same key, which makes one of each. */
  async function expectKept(root: Person, wishes: readonly Wish[], projects: readonly Project[]): Promise<void> {
    const told = wishes.filter(({ answer }) => answer).map(({ title, answer }) => [title, answer!.body.code] as const)
    for (const wish of wishes.filter(({ answer }) => !answer)) await send(root, wish)
    expect(new Set(wishes.map(({ answer }) => answer?.status))).toEqual(new Set(wishes.length > 0 ? [201] : []))

    const { tasks } = root.over('REST')
    for (const { id, key } of projects) {
      const kept = await walkPages((cursor) => tasks.list({ projectId: id, limit: 100, sort: 'createdAt', ...cursor }))
      const wished = wishes.filter(({ project }) => project === id).map(({ title }) => title)
      expect(kept.map(({ title }) => title).toSorted()).toEqual(wished.toSorted())
      const codes = new Map(kept.map(({ title, code }) => [title, code]))
      for (const [title, code] of told) if (codes.has(title)) expect(codes.get(title)).toBe(code)
      const numbers = kept.map(({ number }) => number).toSorted((a, b) => a - b)
      expect(numbers).toEqual(numbers.map((_, nth) => nth + 1))
      expect(new Set(kept.map(({ code }) => code))).toEqual(new Set(numbers.map((number) => `${key}-${number}`)))
    }
  }
})

describe('SIGTERM while clients write', { timeout: 300_000 }, () => {
  test('every request that was taken is answered, the status is 0, and nothing is lost', async () => {
    const DATA_DIR = await newPlace(preparedPlace)
    const program = await run({ DATA_DIR })
    await program.ready()
    const root = await peopleOf(program).admin()
    const { id } = await root.over('REST').projects.create({ name: 'Busy' })
    const load = startLoad(root, [id], 8)
    await vi.waitFor(() => expect(load.acknowledged).toBeGreaterThan(30), { timeout: 60_000, interval: 10 })
    expect(await program.end('SIGTERM')).toBe(0)
    await load.stop()
    expect(new Set(answersOf(load))).toEqual(new Set([201, 'refused']))
    expect(program.said()).toContain('"msg":"stopped"')
    expect(program.said()).not.toContain('requests were cut off')
    expect(JSON.parse(await readFile(join(DATA_DIR, 'trefoil.json'), 'utf8'))).toMatchObject({ clean: true })

    const again = await run({ DATA_DIR })
    await again.ready()
    const { tasks } = (await peopleOf(again).admin()).over('REST')
    const kept = await walkPages((cursor) => tasks.list({ projectId: id, limit: 100, ...cursor }))
    expect(kept).toHaveLength(load.acknowledged)
  })

  /**
   * A status, or `refused` where a connection failed before there was any of an answer: it was not taken, or was closed while the
   * client was about to use it. An answer that is cut off is another error, on either runtime.
   */
  const answersOf = ({ wishes }: Load) =>
    wishes.map(({ answer, error }) => {
      if (answer) return answer.status
      const told = inspect(error)
      return /fetch failed|error sending request/.test(told) ? 'refused' : told
    })
})

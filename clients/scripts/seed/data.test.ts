import { describe, expect, test } from 'vitest'
import * as projectFields from '../../../services/projects/schema.ts'
import { moves as legal } from '../../../services/tasks/moves.ts'
import * as taskFields from '../../../services/tasks/schema.ts'
import * as userFields from '../../../services/users/schema.ts'
import { membersOf, projectOf, shareOf, taskOf, userOf } from './data.ts'

const range = (count: number) => Array.from({ length: count }, (_, nth) => nth)

describe('the data of a seed', () => {
  test('is the same for the same number, and other for another', () => {
    expect(userOf(1, 7)).toEqual({
      username: 'boris.duval-1-8',
      email: 'user8.seed1@example.com',
      fullName: 'Boris Duval',
    })
    const all = (seed: number) =>
      range(50).map((nth) => [userOf(seed, nth), projectOf(seed, nth), taskOf(seed, 0, nth, [])])
    expect(all(1)).toEqual(all(1))
    expect(all(2)).not.toEqual(all(1))
  })

  test('is taken by the services', () => {
    for (const nth of [...range(300), 999_998]) {
      userFields.Create.parse(userOf(9_999, nth))
      projectFields.Create.parse(projectOf(9_999, nth))
      taskFields.Create.parse({ projectId: 'X', ...taskOf(9_999, nth, nth, []).input })
    }
  })

  test('has names that nobody else has', () => {
    const users = [1, 2, 11].flatMap((seed) => range(200).map((nth) => userOf(seed, nth)))
    expect(new Set(users.map(({ username }) => username)).size).toBe(600)
    expect(new Set(users.map(({ email }) => email)).size).toBe(600)
    const projects = [1, 2, 11].flatMap((seed) => range(200).map((nth) => projectOf(seed, nth).name))
    expect(new Set(projects).size).toBe(600)
  })

  test('is in two scripts', () => {
    const text = JSON.stringify(range(9).map((nth) => [userOf(1, nth), projectOf(1, nth), taskOf(1, nth, 0, [])]))
    expect(text).toMatch(/[а-яё]{4}.*[a-z]{4}/i)
  })

  test('assigns tasks to members, and moves them as they may move', () => {
    for (const project of range(50)) {
      const members = membersOf(1, project, 10)
      expect(new Set(members.map(({ user }) => user)).size).toBe(members.length)
      for (const { user } of members) expect(user).toBeLessThan(10)
      for (const nth of range(20)) {
        const { input, assignee, moves } = taskOf(1, project, nth, members)
        if (assignee !== undefined) expect(members.map(({ user }) => user)).toContain(assignee)
        let at: taskFields.State = input.state
        for (const next of moves) {
          expect(legal[at]).toContain(next)
          at = next
        }
      }
    }
  })

  test('has projects without members where there are no users', () => {
    expect(membersOf(1, 0, 0)).toEqual([])
    expect(taskOf(1, 0, 0, []).assignee).toBeUndefined()
  })

  test.each([
    [10, 3],
    [2, 5],
    [0, 4],
    [12, 4],
  ])('%i tasks go round %i projects', (tasks, projects) => {
    const shares = range(projects).map((nth) => shareOf(tasks, projects, nth))
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(tasks)
    const counted = range(projects).map((nth) => range(tasks).filter((turn) => turn % projects === nth).length)
    expect(shares).toEqual(counted)
  })
})

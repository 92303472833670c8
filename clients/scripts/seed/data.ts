import type { Role } from '../../../services/projects/schema.ts'
import type { Priority, State } from '../../../services/tasks/schema.ts'
import { chanceOf } from './random.ts'
import * as words from './words.ts'

/*
 * What is put in: the same for the same numbers, whenever and wherever it is made. The nth user, project or task does not
 * depend on how many there are to be, so that more can be asked for later.
 */

/** Every third is in Cyrillic. */
const script = (nth: number): 0 | 1 => (nth % 3 === 2 ? 1 : 0)

export function userOf(seed: number, nth: number) {
  const chance = chanceOf(seed, 'user', nth)
  const names = script(nth) === 0 ? words.latin : words.cyrillic
  const [first, last] = [chance.pick(names.first), chance.pick(names.last)]
  return {
    username: `${first}.${last}${usernameEnd(seed)}${nth + 1}`.toLowerCase(),
    email: `user${nth + 1}.seed${seed}@example.com`,
    fullName: `${first} ${last}`,
  }
}

/** What stands in the usernames of a seed and in no other's. */
export const usernameEnd = (seed: number): string => `-${seed}-`

export function projectOf(seed: number, nth: number) {
  const chance = chanceOf(seed, 'project', nth)
  const { kinds, places } = words.projects[script(nth)]
  const name = `${chance.pick(kinds)} ${chance.pick(places)} ${seed}-${nth + 1}`
  return { name, description: `Made by seed ${seed}.` }
}

export interface Membership {
  /** The nth user. */
  user: number
  role: Role
}

/** Beside the one who runs the seed, who owns each project: up to eight users. */
export function membersOf(seed: number, project: number, users: number): Membership[] {
  const chance = chanceOf(seed, 'members', project)
  return chance.some(3 + chance.below(6), users).map((user) => {
    return { user, role: chanceOf(seed, 'role', project, user).pick(['member', 'member', 'member', 'maintainer']) }
  })
}

export const labelOf = (seed: number): string => `seed-${seed}`

/** @param nth in its project */
export function taskOf(seed: number, project: number, nth: number, members: readonly Membership[]) {
  const chance = chanceOf(seed, 'task', project, nth)
  const { verbs, things } = words.tasks[script(project)]
  const priority: Priority = chance.pick(['low', 'normal', 'normal', 'normal', 'high', 'urgent'])
  const state: State = chance.pick([
    'backlog',
    'backlog',
    'backlog',
    'todo',
    'todo',
    'in_progress',
    'in_review',
    'done',
  ])
  const assignee = chance.below(4) === 0 ? undefined : members[chance.below(Math.max(1, members.length))]?.user
  return {
    input: {
      title: `${chance.pick(verbs)} ${chance.pick(things)}`,
      priority,
      labels: [labelOf(seed), chance.pick(words.labels)],
      state: state === 'backlog' ? state : ('todo' as const),
      ...(chance.below(2) === 0 && { dueDate: dayOf(chance.below(DAYS)) }),
    },
    /** The nth user. */
    assignee,
    moves: movesTo[state],
  }
}

const FIRST_DAY = Date.UTC(2026, 0, 1)
const DAYS = 1000

const dayOf = (day: number): string => new Date(FIRST_DAY + day * 86_400_000).toISOString().slice(0, 10)

/** From where a task is made to where it belongs. */
const movesTo: Record<State, readonly State[]> = {
  backlog: [],
  todo: [],
  in_progress: ['in_progress'],
  in_review: ['in_progress', 'in_review'],
  done: ['in_progress', 'in_review', 'done'],
  cancelled: ['cancelled'],
}

/** Tasks go round the projects: how many of so many belong to this one. */
export const shareOf = (tasks: number, projects: number, project: number): number =>
  Math.floor(tasks / projects) + (project < tasks % projects ? 1 : 0)

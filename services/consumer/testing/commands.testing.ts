import { Buffer } from 'node:buffer'
import type { Command } from '../../../platform/commands/command.ts'
import { hashedId } from '../../../platform/ids.ts'
import { partitionOf } from '../../../platform/log/partition.ts'
import type { NewRecord } from '../../../platform/log/port.ts'
import type { Chance } from '../../../platform/reads/simulation/chance.testing.ts'
import { state } from '../../tasks/schema.ts'
import { commandOf, projectPayload, taskPayload } from '../fixture.testing.ts'

/** The partitions in play: few, so that commands meet. */
export const PLAYED = [0, 1, 2] as const

const NAMES = ['anna', 'boris', 'clara', 'dora']

/** Random commands about a handful of users, projects and tasks: they collide, repeat themselves, and some are rubbish. */
export function createCommands(chance: Chance, partitions: readonly number[] = PLAYED): () => NewRecord {
  const ids = (kind: string, count: number) => {
    const found: string[] = []
    for (let n = 0; found.length < count; n++) {
      const id = hashedId(kind, String(n))
      if (partitions.includes(partitionOf(id))) found.push(id)
    }
    return found
  }
  const users = ids('user', 6)
  const projects = ids('project', 4)
  const sent: Command[] = []
  let count = 0
  const one = <T>(of: readonly T[]): T => of[chance.between(0, of.length)]!
  const task = (n: number) => hashedId('task', String(n))

  function next(): Command {
    const id = hashedId('command', String(count++))
    const [user, project, name] = [one(users), one(projects), one(NAMES)]
    const admin = { actor: { id: null, role: 'system' as const }, id }
    const by = { actor: { id: one(users), role: 'member' as const }, id, keyed: chance.of(0.3) }
    const inProject = { ...by, root: project }
    const email = { email: `${user}@x.org`, emailKey: `${user}@x.org` }
    const person = { username: name, usernameKey: name, ...email, fullName: '', fullNameKey: '', role: 'member' }
    const kinds: (() => Command)[] = [
      () => commandOf('user.create', user, person, admin),
      () => commandOf('user.create', user, person, admin),
      () => commandOf('user.update', user, { username: name, usernameKey: name }, admin),
      () => commandOf('user.update', user, { username: name, usernameKey: name }, admin),
      () => commandOf('user.update', user, { fullName: id, fullNameKey: id }, { ...admin, expectedVersion: 2 }),
      () => (chance.of(0.3) ? commandOf('user.remove', user, {}, admin) : next()),
      () => commandOf('project.create', project, projectPayload(name, one(['AA', 'BB', 'CC'])), by),
      () => commandOf('project.create', project, projectPayload(name, one(['AA', 'BB', 'CC'])), by),
      () => commandOf('project.update', project, { name, nameKey: name }, by),
      () => commandOf('project.add_member', project, { user, role: one(['owner', 'member']) }, by),
      () => (chance.of(0.2) ? commandOf('project.remove', project, {}, by) : next()),
      () => commandOf('task.create', task(count), taskPayload(id), inProject),
      () => commandOf('task.create', task(count), taskPayload(id, { assigneeId: user }), inProject),
      () => commandOf('task.move', task(chance.between(0, count)), { state: one(state.options) }, inProject),
      () => commandOf('task.remove', task(chance.between(0, count)), {}, inProject),
    ]
    return one(kinds)()
  }

  return () => {
    const earlier = sent.length > 0 && chance.of(0.1) ? one(sent) : undefined
    const command = earlier ? { ...earlier, hash: chance.of(0.3) ? 'other' : earlier.hash } : next()
    sent.push(command)
    const value = chance.of(0.03) ? rubbish(chance, command) : JSON.stringify(command)
    return { partition: partitionOf(command.root), key: command.root, value }
  }
}

/** What cannot be read, and what can be read but not written. */
const rubbish = (chance: Chance, command: Command): string =>
  chance.of(0.5)
    ? Buffer.from('not a command').toString('base64')
    : JSON.stringify({
        ...command,
        payload: { ...(command.payload as object), fullName: 'NUL \u0000', title: '\u0000' },
      })

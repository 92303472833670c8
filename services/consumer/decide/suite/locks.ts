import { describe, expect, test } from 'vitest'
import { newId } from '../../../../platform/ids.ts'
import { commandOf, userPayload } from '../../fixture.testing.ts'
import type { DeciderBench } from './bench.ts'

/** What a batch locks. */
export function locksValues(bench: DeciderBench): void {
  const { decide, ownPartition, statements } = bench

  describe('locks', () => {
    const locks = (): Record<string, boolean> =>
      Object.fromEntries(bench.lockedBy![0].map((key, index) => [key, bench.lockedBy![1][index]!]))

    test('changed users and unique values alone, those referred to shared; what is both, alone', async () => {
      await ownPartition()
      const [admin, changed, member, project] = [newId(), newId(), newId(), newId()]
      const by = { actor: { id: admin, role: 'admin' as const } }
      await decide(
        0,
        commandOf('user.update', changed, { usernameKey: 'new', username: 'new' }, by),
        commandOf('project.add_member', project, { user: member, role: 'member' }, by),
        commandOf(
          'project.add_member',
          project,
          { user: changed, role: 'member' },
          { ...by, keyed: true, id: newId() },
        ),
      )
      const keyed = Object.keys(locks()).find((key) => key.startsWith('command:'))
      expect(locks()).toEqual({
        [`user:${admin}`]: false,
        [`user:${changed}`]: true,
        [`user:${member}`]: false,
        'username:new': true,
        ownership: false,
        [keyed!]: true,
      })
    })

    test('are taken before anything is loaded, after the row of progress, by a statement of their own', async () => {
      await ownPartition()
      statements.splice(0)
      await decide(0, commandOf('user.create', newId(), userPayload('locked')))
      expect(statements.slice(0, 2)).toEqual(['progress-advance', 'batch-lock'])
      expect(statements.filter((one) => one === 'batch-lock')).toHaveLength(1)
    })

    test('none where nothing is touched', async () => {
      await ownPartition()
      statements.splice(0)
      await decide(0, 'rubbish')
      expect(statements).not.toContain('batch-lock')
    })
  })
}

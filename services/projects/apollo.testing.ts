import type { Member, Role, StoredProject } from './schema.ts'

/** People and projects for tests of rules. */
export const at = '2026-01-01T09:00:00.000Z'

const user = (id: string, more: object = {}) => ({
  id,
  version: 1,
  role: 'member',
  createdAt: at,
  updatedAt: at,
  ...more,
})

/** Each but Ada, Ivan and Olga has a place in Apollo; Gone was removed. */
export const users = [
  ...['oleg', 'max', 'mia', 'vera', 'ivan', 'olga'].map((id) => user(id)),
  user('ada', { role: 'admin' }),
  user('gone', { deleted: true }),
]

export const member = (userId: string, role: Role): Member => ({ userId, role })

export const apollo: StoredProject = {
  id: 'p1',
  version: 3,
  number: 1,
  key: 'APOLLO',
  name: 'Apollo',
  description: '',
  archived: false,
  members: [member('oleg', 'owner'), member('max', 'maintainer'), member('mia', 'member'), member('vera', 'viewer')],
  nameKey: 'apollo',
  keyKey: 'apollo',
  createdAt: at,
  updatedAt: at,
}

export const gemini: StoredProject = {
  ...apollo,
  id: 'p2',
  number: 2,
  key: 'GEM',
  name: 'Gemini',
  nameKey: 'gemini',
  keyKey: 'gem',
}

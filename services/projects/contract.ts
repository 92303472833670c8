import { contract } from '../../platform/contract/contract.ts'
import { nothing } from '../../platform/contract/fields.ts'
import { defineCodes } from '../../platform/errors/codes.ts'
import {
  AddMember,
  ByKey,
  ByName,
  Change,
  ChangeRole,
  Create,
  List,
  Project,
  ProjectRef,
  Projects,
  RemoveMember,
  Update,
} from './schema.ts'

export const codes = defineCodes({
  'project.not_found': { trpc: 'NOT_FOUND', says: 'There is no such project, or you are no member of it.' },
  'project.name_taken': {
    trpc: 'CONFLICT',
    says: 'Another project has this name or key as its name or its key; choose another name.',
  },
  'project.key_taken': {
    trpc: 'CONFLICT',
    says: 'Another project has this key, or it as its name; choose another key, or leave it out.',
  },
  'project.archived': { trpc: 'CONFLICT', says: 'The project is archived; restore it first.' },
  'project.last_owner': { trpc: 'CONFLICT', says: 'A project has at least one owner; make another one first.' },
  'project.full': { trpc: 'CONFLICT', says: 'A project has at most 500 members.' },
  'member.not_found': { trpc: 'NOT_FOUND', says: 'The user is no member of the project.' },
  'member.exists': {
    trpc: 'CONFLICT',
    says: 'The user is a member already, with the role `role`; change the role instead.',
  },
})

// Examples hold true on a fresh start: what is read and changed is in the demo data, what is archived and removed is Apollo.
const admin = '1dae6a84-08c6-8100-a9f8-1ad7b2890faa'
const surveyor = '5f48210a-5027-8e27-8c5f-512252d5cb83'
const electrician = '90d379bb-099b-8897-bb2a-f021d24a4068'
const sadovnik = 'e2bd8c1f-5e83-8499-aa09-82bc6e5bd716'

const apollo = {
  id: '01981ee4-6b41-7d2f-9b63-4a1d9a4a7b22',
  version: 1,
  number: 3,
  key: 'APOLLO',
  name: 'Apollo',
  description: 'To the Moon and back',
  archived: false,
  members: [{ userId: admin, role: 'owner' }],
  createdAt: '2026-01-01T09:00:00.000Z',
  updatedAt: '2026-01-01T09:00:00.000Z',
}
const harbour = {
  ...apollo,
  id: '8b318c73-94ee-81d0-8307-97edc479192f',
  version: 4,
  number: 1,
  key: 'HARBOUR',
  name: 'Harbour Lights',
  description: 'New lanterns along the old pier.',
  members: [
    { userId: admin, role: 'owner' },
    { userId: surveyor, role: 'maintainer' },
    { userId: electrician, role: 'member' },
    { userId: sadovnik, role: 'viewer' },
  ],
}
const garden = {
  ...apollo,
  id: 'e1dc721c-2981-88a8-bfe8-c14e2605b941',
  version: 3,
  number: 2,
  key: 'SAD',
  name: 'Сад на крыше',
  description: 'A garden on the roof: beds, water, bees.',
  members: [
    { userId: admin, role: 'owner' },
    { userId: sadovnik, role: 'owner' },
    { userId: surveyor, role: 'member' },
  ],
}
const changed = (project: typeof apollo) => ({
  ...project,
  version: project.version + 1,
  updatedAt: '2026-01-02T09:00:00.000Z',
})
const withElectrician = (role: string) => ({
  ...changed(garden),
  members: [...garden.members, { userId: electrician, role }],
})

export const projects = contract({
  create: {
    kind: 'mutation',
    rest: 'POST /projects',
    summary: 'Make a project, and be its owner',
    command: true,
    status: 201,
    location: '/projects/{id}',
    input: Create,
    output: Project,
    rejects: ['project.name_taken', 'project.key_taken'],
    example: { input: { name: 'Apollo', description: 'To the Moon and back' }, output: apollo },
  },
  byId: {
    kind: 'query',
    rest: 'GET /projects/{id}',
    summary: 'A project by id, number, key or name',
    input: ProjectRef,
    output: Project,
    rejects: ['project.not_found'],
    example: { input: { id: 'HARBOUR' }, output: harbour },
  },
  byName: {
    kind: 'query',
    summary: 'A project by name',
    input: ByName,
    output: Project,
    rejects: ['project.not_found'],
    example: { input: { name: 'Harbour Lights' }, output: harbour },
  },
  byKey: {
    kind: 'query',
    summary: 'A project by key',
    input: ByKey,
    output: Project,
    rejects: ['project.not_found'],
    example: { input: { key: 'HARBOUR' }, output: harbour },
  },
  list: {
    kind: 'query',
    rest: 'GET /projects',
    summary: 'The projects that one is a member of, newest first, or those of them that fit a mask; an admin sees all',
    input: List,
    output: Projects,
    example: { input: { q: 'harb*', limit: 10 }, output: { items: [harbour], nextCursor: null } },
  },
  update: {
    kind: 'mutation',
    rest: 'PATCH /projects/{id}',
    summary: 'Change the name or the description (owner, maintainer)',
    command: true,
    input: Update,
    output: Project,
    rejects: ['project.not_found', 'project.name_taken', 'project.archived'],
    example: {
      input: { id: 'HARBOUR', description: 'Lanterns, and benches below them.' },
      output: { ...changed(harbour), description: 'Lanterns, and benches below them.' },
    },
  },
  archive: {
    kind: 'mutation',
    rest: 'POST /projects/{id}/archive',
    summary: 'Archive: the project and its tasks are kept, and not changed (owner)',
    command: true,
    input: Change,
    output: Project,
    rejects: ['project.not_found'],
    example: { input: { id: 'APOLLO' }, output: { ...changed(apollo), archived: true } },
  },
  restore: {
    kind: 'mutation',
    rest: 'POST /projects/{id}/restore',
    summary: 'Undo the archiving (owner)',
    command: true,
    input: Change,
    output: Project,
    rejects: ['project.not_found'],
    example: { input: { id: 'APOLLO' }, output: changed(apollo) },
  },
  remove: {
    kind: 'mutation',
    rest: 'DELETE /projects/{id}',
    summary: 'Remove the project and its tasks (owner)',
    command: true,
    status: 204,
    input: Change,
    output: nothing,
    rejects: ['project.not_found'],
    example: { input: { id: 'APOLLO' } },
  },
  addMember: {
    kind: 'mutation',
    rest: 'POST /projects/{id}/members',
    summary: 'Add a member (owner, maintainer; only an owner makes owners)',
    command: true,
    input: AddMember,
    output: Project,
    rejects: ['project.not_found', 'project.archived', 'project.full', 'member.exists', 'user.not_found'],
    example: { input: { id: 'SAD', user: 'electrician', role: 'viewer' }, output: withElectrician('viewer') },
  },
  changeRole: {
    kind: 'mutation',
    rest: 'PATCH /projects/{id}/members/{user}',
    summary: 'Change the role of a member (owner, maintainer; only an owner makes or changes owners)',
    command: true,
    input: ChangeRole,
    output: Project,
    rejects: ['project.not_found', 'project.archived', 'project.last_owner', 'member.not_found', 'user.not_found'],
    example: { input: { id: 'SAD', user: 'electrician', role: 'member' }, output: withElectrician('member') },
  },
  removeMember: {
    kind: 'mutation',
    rest: 'DELETE /projects/{id}/members/{user}',
    summary:
      'Remove a member (owner, maintainer; only an owner removes owners), or leave; the tasks stay assigned, and are not among those of `GET /tasks/mine`',
    command: true,
    input: RemoveMember,
    output: Project,
    rejects: ['project.not_found', 'project.archived', 'project.last_owner', 'member.not_found', 'user.not_found'],
    example: { input: { id: 'SAD', user: 'electrician' }, output: changed(garden) },
  },
})

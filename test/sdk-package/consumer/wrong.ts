// Every line that says `wrong` must not compile, and no other.
import { createClient, hasCode, type Input, safe } from '@trefoil/sdk'

const client = createClient({ url: 'http://localhost:8000' })
createClient({}) // wrong: no url

await client.tasks.create.mutate({ projectId: 'APOLLO' }) // wrong: no title
await client.tasks.create.mutate({ projectId: 'APOLLO', title: 12 }) // wrong: a title is text
await client.tasks.create.mutate({ projectId: 'APOLLO', title: 'x', colour: 'red' }) // wrong: no such field
await client.tasks.move.mutate({ id: 'APOLLO-1', state: 'finished' }) // wrong: no such state
await client.tasks.rename.mutate({ id: 'APOLLO-1' }) // wrong: no such procedure
await client.tasks.byId.mutate({ id: 'APOLLO-1' }) // wrong: a query changes nothing
client.tasks.byId.items({ id: 'APOLLO-1' }) // wrong: no list
await client.users.changePassword.send({ current: 'a', password: 'b' }) // wrong: not through the log

const task = await client.tasks.byId.query({ id: 'APOLLO-1' })
export const number: string = task.number // wrong: a number
export const when: Date = task.createdAt // wrong: text, as in JSON
export const input: Input<'tasks.update'> = { id: 'APOLLO-1', priority: 'highest' } // wrong: no such priority

const [moved, error] = await safe(client.tasks.move.mutate({ id: 'APOLLO-1', state: 'todo' }))
export const state = moved.state // wrong: it may have been refused
export const text: string = error // wrong: an error, or nothing
export const illegal = error?.code === 'task.illegal_move'
export const moves = error?.code === 'task.illegal_move' && error.extra.allowed.length
export const version = error?.code === 'task.illegal_move' && error.extra.version // wrong: it tells its moves
export const misspelt = error?.code === 'task.ilegal_move' // wrong: no such code
export const foreign = error?.code === 'user.email_taken' // wrong: a move never answers it
export const anywhere = hasCode(error, 'user.email_taken')
export const nowhere = hasCode(error, 'user.mail_taken') // wrong: no such code

const receipt = await client.tasks.create.send({ projectId: 'APOLLO', title: 'x' })
export const title: string = (await client.settle(receipt)).title
export const username = (await client.settle(receipt)).username // wrong: it becomes a task

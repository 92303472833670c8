import type { Receipt } from '../../../platform/commands/command.ts'
import type { Project } from '../../../services/projects/schema.ts'
import type { Task } from '../../../services/tasks/schema.ts'
import { sending } from '../client.ts'
import { collect, itemsOf } from '../pages.ts'
import { isReceipt, settled } from '../settled.ts'
import { check, refusalOf } from '../trouble.ts'
import type { Guest, Tour } from './guide.ts'

/** A change that is not waited for; its token lets another one, on any instance, see it. */
export async function acceptLater({ guide }: Tour, olga: Guest, ivan: Guest, project: Project): Promise<void> {
  guide.stop('She does not wait for a change, and he sees it all the same')
  const input = { projectId: project.key, title: 'Count down' }
  const receipt = await olga.api.tasks.create.mutate(input, sending({ prefer: 'respond-async' }))
  check(isReceipt(receipt), `Prefer: respond-async was answered without a receipt: ${JSON.stringify(receipt)}`)
  guide.show('tasks.create, Prefer: respond-async', `accepted, operation ${receipt.operation.slice(0, 8)}…`)

  const seen = await ivan.api.tasks.byId.query({ id: receipt.id }, sending({ 'consistency-token': receipt.token }))
  check(seen.id === receipt.id && seen.title === input.title, `The token led to ${JSON.stringify(seen)}.`)
  guide.show(`tasks.byId, Consistency-Token: ${receipt.token}`, `${seen.code} ${seen.title} (as Ivan)`)

  const task = await settled<Task | Receipt>(olga.api, receipt)
  check(task.id === seen.id && task.version === 1, `The receipt was settled with ${JSON.stringify(task)}.`)
  guide.show('operations.byId', `succeeded: ${task.code}, version ${task.version}`)
}

/** A retry is answered as the first time; its key is no good for anything else. */
export async function retry({ guide, tag }: Tour, olga: Guest, project: Project): Promise<void> {
  guide.stop('She retries what she cannot know the end of; it happens once')
  const key = sending({ 'idempotency-key': `tour-${tag}` })
  const input = { projectId: project.key, title: 'Ignition' }
  const first = await settled(olga.api, await olga.api.tasks.create.mutate(input, key))
  const second = await settled(olga.api, await olga.api.tasks.create.mutate(input, key))
  check(first.id === second.id, `A retry made another task: ${first.code} and ${second.code}.`)
  guide.show('tasks.create, Idempotency-Key', `${first.code} ${first.title}`)
  guide.show('the same again', `${second.code} ${second.title}: no other one`)

  const other = olga.api.tasks.create.mutate({ ...input, title: 'Something else' }, key)
  const reused = await refusalOf(other, 'Another input under the same Idempotency-Key')
  check(reused.reason === 'idempotency.reused', `A key that was used again was refused with ${reused.reason}.`)
  guide.show('another task under that key', `${reused.httpStatus} ${reused.reason}`)
}

/** Lists: filters, masks and cursors. */
export async function search({ guide, tag }: Tour, olga: Guest, project: Project): Promise<void> {
  guide.stop('Searching: in any case, in any script, by mask')
  const projectId = project.key
  for (const [text, expected] of [
    ['ENGINE', 'Test the engine'],
    ['ДВИГАТЕЛЬ', 'Проверить двигатель'],
  ] as const) {
    const { items } = await olga.api.tasks.list.query({ projectId, text })
    const titles = items.map(({ title }) => title)
    check(titles.length === 1 && titles[0] === expected, `A search for ${text} found ${JSON.stringify(titles)}.`)
    guide.show(`tasks.list, text ${text}`, titles.join(', '))
  }
  const { items: people } = await olga.api.users.list.query({ q: `*-${tag}` })
  check(people.length === 2, `A search for *-${tag} found ${people.length} users instead of 2.`)
  guide.show(`users.list, q *-${tag}`, people.map(({ username }) => username).join(', '))
}

export async function turnPages({ guide }: Tour, olga: Guest, project: Project, total: number): Promise<void> {
  guide.stop('Lists come in pages, by cursors that new entries do not shift')
  const pages: string[][] = []
  const load = async (page: { limit: number; cursor?: string }) => {
    const answer = await olga.api.tasks.list.query({ projectId: project.key, sort: 'createdAt', ...page })
    pages.push(answer.items.map(({ code }) => code))
    return answer
  }
  const all = await collect(itemsOf(load, 2))
  check(all.length === total, `The pages have ${all.length} tasks instead of ${total}.`)
  const numbers = all.map(({ number }) => number)
  check(
    numbers.every((number, index) => number === index + 1),
    `The pages are not in order: ${numbers}.`,
  )
  for (const [index, codes] of pages.entries()) guide.show(`tasks.list, page ${index + 1}`, codes.join(', '))
}

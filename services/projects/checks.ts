import { Failure } from '../../platform/errors/failure.ts'
import { fold } from '../../platform/text.ts'
import { baseKey, keyCandidates, numbered } from './key.ts'
import type { ProjectQueries } from './queries.ts'
import type { StoredProject } from './schema.ts'

/** What is checked before a command is sent, so that nearly every refusal is immediate; the rules judge it again. */

type Handles = Pick<ProjectQueries, 'taken'>

/** The keys that a new project may get: the given one, or those derived from its name. */
export async function freeKeys(
  handles: Handles,
  { name, key }: { name: string; key?: string | undefined },
  project: string,
): Promise<string[]> {
  const base = key ?? baseKey(name)
  const wanted = key === undefined ? numbered(base) : [key]
  const taken = await handles.taken([fold(name), ...wanted.map(fold)], project)
  if (taken.has(fold(name))) throw new Failure('project.name_taken')
  if (key === undefined) return keyCandidates(base, taken, project)
  if (taken.has(fold(key))) throw new Failure('project.key_taken')
  return [key]
}

/** @throws Failure `project.name_taken` where another project has it, be it as its name or as its key */
export async function requireFreeName(handles: Handles, name: string, project: StoredProject): Promise<void> {
  if ((await handles.taken([fold(name)], project.id)).size > 0) throw new Failure('project.name_taken')
}

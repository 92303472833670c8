import { type Counts, type ProjectReport, states } from './count.ts'

/** A project as people read it at a terminal. */
export function tableOf({ project, assignees, ...all }: ProjectReport): string {
  const tasks = `${all.total} ${all.total === 1 ? 'task' : 'tasks'}`
  const title = `${project.name} (${project.key}${project.archived ? ', archived' : ''}): ${tasks}, ${all.overdue} overdue`
  if (all.total === 0) return title
  const header = ['', ...states.map((state) => state.replace('_', ' ')), 'all', 'overdue']
  const rows = assignees.map(({ assignee, ...counts }) => [assignee ?? '(nobody)', ...cellsOf(counts)])
  return `${title}\n\n${aligned([header, ...rows, ['all', ...cellsOf(all)]])}`
}

const cellsOf = ({ states: byState, total, overdue }: Counts): string[] =>
  [...states.map((state) => byState[state]), total, overdue].map((count) => (count === 0 ? '·' : String(count)))

/** The first column to the left, numbers to the right. */
function aligned(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n')
}

/** A command of a console block, and what stands below it as its output. */
export interface Shown {
  command: string
  output: string
}

/** The commands of a section, in its order. @param heading `## A tour` */
export function consoleOf(markdown: string, heading: string): Shown[] {
  const [, section = ''] = markdown.split(`\n${heading}\n`)
  const [own = ''] = section.split(/^## /m)
  return [...own.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => commandsOf(block!))
}

/** Each goes on after a line that ends with a backslash. */
const commandsOf = (block: string): Shown[] =>
  [...block.matchAll(/^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command, output]) => ({
    command: command!,
    output: output!.trim(),
  }))

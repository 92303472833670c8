import { basename, posix, sep } from 'node:path'

/**
 * Declarations that are read the same by TypeScript, which looks for `x.d.ts` where it reads `./x.js`, and by Deno, which
 * looks for nothing: what has a module is named by it, and what is only declared is named as such, and imported as a type.
 */
export function declarationOf(file: string, text: string): string {
  const folder = posix.dirname(file.split(sep).join('/'))
  return text.replaceAll(/^(import|export) (?:type )?(.*) from '(\.[^']*)\.ts'/gm, (line, keyword, names, path) =>
    posix.join(folder, path).startsWith('clients/sdk/')
      ? line.replace(`${path}.ts`, `${path}.js`)
      : `${keyword} type ${names.replaceAll(/\btype /g, '')} from '${path}.d.ts'`,
  )
}

/** A module that tells Deno where its types are. On its first line, so that the lines of its map stay right. */
export function moduleOf(file: string, text: string): string {
  return `/* @ts-self-types="./${basename(file, '.js')}.d.ts" */ ${text}`
}

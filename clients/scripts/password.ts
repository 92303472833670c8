import process from 'node:process'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** The password as it was given, or as it is typed. @throws Error where there is nobody to ask */
export async function passwordFor(username: string, given: string | undefined): Promise<string> {
  const known = given ?? process.env.TREFOIL_PASSWORD
  if (known) return known
  if (process.stdin.isTTY) return typed(`Password of ${username}: `)
  throw new Error(`The password of ${username} is missing: set TREFOIL_PASSWORD.`)
}

/** Reads a line without showing it. */
function typed(question: string): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    lines.once('close', () => {
      process.stderr.write('\n')
      reject(new Error('No password was typed.')) // says nothing where there is a line already
    })
  })
}

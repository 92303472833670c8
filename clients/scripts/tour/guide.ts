import { say } from '../run.ts'
import type { Session } from '../session.ts'

/** Shows a newcomer around: numbered stops, what is called there, and what came back. */
export interface Guide {
  /** Begins the next stop. @throws Interrupted */
  stop(title: string): void
  /** A call, and what it answered. */
  show(call: string, answer: string): void
}

export function createGuide(interrupted: AbortSignal, write: (line: string) => void = say): Guide {
  let number = 0
  return {
    stop(title) {
      interrupted.throwIfAborted()
      number++
      write(`\n${String(number).padStart(2)}. ${title}`)
    },
    show: (call, answer) => write(`    ${call.padEnd(CALL_WIDTH)}  ${answer}`),
  }
}

const CALL_WIDTH = 42

/** Who and what is there along the way. */
export interface Tour {
  url: string
  /** Part of every name, so that each tour makes its own. */
  tag: string
  guide: Guide
  admin: Session
  /** What has to be undone at the end, last first; each says what it did. */
  tidy: (() => Promise<string>)[]
}

/** Somebody on the tour. */
export interface Guest extends Session {
  username: string
  password: string
}

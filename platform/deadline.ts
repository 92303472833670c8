import { performance } from 'node:perf_hooks'

/**
 * Rejects if `work` has not settled after `ms`. A deadline that rings late rings for this process, whose loop stood
 * still, and not for the other side, whose answer may be waiting to be read: then it is set again, a few times at most.
 */
export function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let due = 0
    let timer: NodeJS.Timeout
    let excuses = 3
    const set = () => {
      due = performance.now() + ms
      timer = setTimeout(ring, ms)
    }
    const ring = () => {
      if (performance.now() - due > ms / 4 && excuses-- > 0) set()
      else reject(new NoAnswer(ms))
    }
    set()
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

export class NoAnswer extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`)
    this.name = 'NoAnswer'
  }
}

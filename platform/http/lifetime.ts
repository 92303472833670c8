/** The time that one request has. */
export interface Lifetime {
  /** Fires when the client has gone, time is up, or the server closes. Made only for whoever asks: most do not. */
  signal(): AbortSignal
  /** The work's result, or `late` thrown when time is up; the work is then left to itself and to the signal. */
  within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T>
  /** The answer is complete. */
  end(): void
}

export interface Lifetimes {
  begin(request: Request): Lifetime
  /** Fires the signals of all requests that are under way: streams end, waits are cut short. */
  abortAll(): void
}

export function createLifetimes(): Lifetimes {
  const live = new Set<AbortController>()
  return {
    begin: (request) => begin(request, live),
    abortAll() {
      for (const controller of live) controller.abort(new DOMException('The server is stopping.', 'AbortError'))
    },
  }
}

function begin(request: Request, live: Set<AbortController>): Lifetime {
  let controller: AbortController | undefined
  const gone = () => controller?.abort(request.signal.reason)

  const made = (): AbortController => {
    if (controller) return controller
    controller = new AbortController()
    live.add(controller)
    if (request.signal.aborted) gone()
    else request.signal.addEventListener('abort', gone)
    return controller
  }

  return {
    signal: () => made().signal,
    async within(ms, work, late) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const timeout = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          made().abort(new DOMException('Time is up.', 'TimeoutError'))
          reject(late())
        }, ms)
      })
      try {
        return await Promise.race([work, timeout])
      } finally {
        clearTimeout(timer)
      }
    },
    end() {
      if (!controller) return
      live.delete(controller)
      request.signal.removeEventListener('abort', gone)
    },
  }
}

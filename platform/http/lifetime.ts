/** The time that one request has. */
export interface Lifetime {
  /** Fires when the client has gone, or time is up. Made only for whoever asks: most do not. */
  signal(): AbortSignal
  /** The work's result, or `late` thrown when time is up; the work is then left to itself and to the signal. */
  within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T>
  /** What is answered goes on without an end of its own: the signal fires when the server stops, too. */
  goesOn(): void
  /** The answer is complete. */
  end(): void
}

export interface Lifetimes {
  begin(request: Pick<Request, 'signal'>): Lifetime
  /** Fires the signals of all that goes on, now and from now on. */
  endStreams(): void
}

export function createLifetimes(): Lifetimes {
  const streams = new Set<AbortController>()
  let stopping = false

  return {
    begin: (request) => begin(request),
    endStreams() {
      stopping = true
      for (const controller of streams) stop(controller)
    },
  }

  function begin(request: Pick<Request, 'signal'>): Lifetime {
    let controller: AbortController | undefined
    const gone = () => controller?.abort(request.signal.reason)

    function made(): AbortController {
      if (controller) return controller
      controller = new AbortController()
      if (request.signal.aborted) gone()
      else request.signal.addEventListener('abort', gone)
      return controller
    }

    return {
      signal: () => made().signal,
      within: (ms, work, late) =>
        timed(ms, work, () => {
          made().abort(new DOMException('Time is up.', 'TimeoutError'))
          return late()
        }),
      goesOn() {
        streams.add(made())
        if (stopping) stop(made())
      },
      end() {
        if (!controller) return
        streams.delete(controller)
        request.signal.removeEventListener('abort', gone)
      },
    }
  }
}

const stop = (controller: AbortController) =>
  controller.abort(new DOMException('The server is stopping.', 'AbortError'))

async function timed<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Shares work among those who ask for the same at the same time. What is asked for while it is under way was asked after
 * it began and might be answered with the past, so it waits for the next one: per key at most one runs and one waits.
 */
export interface SingleFlight {
  /**
   * A key stands for one kind of answer. `work` is told whether it had to wait; the answer may be shared with others.
   */
  run<T>(key: string, work: (waited: boolean) => Promise<T>): Promise<T>
}

interface Flight {
  landed: Promise<void>
  next: Promise<unknown> | undefined
}

export function createSingleFlight(): SingleFlight {
  const flights = new Map<string, Flight>()

  function start(key: string, work: (waited: boolean) => Promise<unknown>, waited: boolean): Promise<unknown> {
    const result = work(waited)
    // A flight that somebody waits for keeps its place until the next one takes it: between the two, nobody else starts.
    const land = () => {
      if (flight.next === undefined) flights.delete(key)
    }
    const flight: Flight = { landed: result.then(land, land), next: undefined }
    flights.set(key, flight)
    return result
  }

  return {
    run<T>(key: string, work: (waited: boolean) => Promise<T>) {
      const flight = flights.get(key)
      if (flight === undefined) return start(key, work, false) as Promise<T>
      flight.next ??= flight.landed.then(() => start(key, work, true))
      return flight.next as Promise<T>
    },
  }
}

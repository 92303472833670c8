import { PARTITIONS } from '../../log/port.ts'
import { type Queryable, SqlError } from '../../sql/port.ts'
import type { SimulatedClock } from '../clock.testing.ts'
import { formatWatermark, WATERMARK_CHANNEL, type WatermarkMessage } from './message.ts'

/** What becomes of a poll. */
export type Fate = 'silent' | { after?: number; refused?: boolean; code?: string }

/** Answers with the rows as they were when it was asked, as late as its fate says. */
export function modelOfTheTable(clock: SimulatedClock, fate: Fate) {
  const rows = Array.from(
    { length: PARTITIONS },
    (_, partition): WatermarkMessage => ({ partition, epoch: 1000, decided: 0, served: 0 }),
  )
  let hanging: (() => void)[] = []
  const model = {
    clock,
    rows,
    asked: 0,
    fate,
    /** Breaks the connections that hang. */
    release() {
      for (const fail of hanging) fail()
      hanging = []
    },
    query: (<R>() => {
      model.asked++
      const answer = rows.map((row) => ({ ...row })) as R[]
      const { fate } = model
      return new Promise<R[]>((resolve, reject) => {
        const refuse = (code = '08006') => reject(new SqlError('refused', code))
        if (fate === 'silent') hanging.push(() => refuse('XX000'))
        else if (!fate.after) fate.refused ? refuse(fate.code) : resolve(answer)
        else void clock.sleep(fate.after).then(() => (fate.refused ? refuse(fate.code) : resolve(answer)))
      })
    }) as Queryable['query'],
  }
  return model
}

/** Delivers only what the test wants delivered. */
export function modelOfTheBus() {
  const listeners = new Set<(message: string) => void>()
  const publish = (message: string) => {
    for (const listener of listeners) listener(message)
  }
  return {
    publish,
    tell: (message: WatermarkMessage) => publish(formatWatermark(message)),
    subscribe(channel: string, listener: (message: string) => void) {
      if (channel === WATERMARK_CHANNEL) listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: async () => {},
    get listeners() {
      return listeners.size
    },
  }
}

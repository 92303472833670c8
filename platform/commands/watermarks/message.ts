import { z } from 'zod'
import { parsedJson } from '../../json.ts'
import { PARTITIONS } from '../../log/port.ts'

/** Where on the bus a consumer tells its marks: one message a batch, and one whenever it raises an epoch. */
export const WATERMARK_CHANNEL = 'watermarks'

const offset = z.int().min(0)

/** How far one partition is: the same figures as its row in `consumer_progress`. */
const watermarkMessage = z.object({
  partition: z
    .int()
    .min(0)
    .max(PARTITIONS - 1),
  epoch: offset,
  decided: offset,
  served: offset,
})

export type WatermarkMessage = z.output<typeof watermarkMessage>

/** To be published only after the partition's row says so: a poll must never contradict a message. */
export const formatWatermark = ({ partition, epoch, decided, served }: WatermarkMessage): string =>
  JSON.stringify({ partition, epoch, decided, served })

/** Undefined for what is no such message: the bus carries other versions' too. */
export function parseWatermark(text: string): WatermarkMessage | undefined {
  return watermarkMessage.safeParse(parsedJson(text)).data
}

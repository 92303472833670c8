import type { IHeaders, KafkaMessage, Message } from 'kafkajs'
import type { LogRecord, NewRecord } from '../port.ts'

export function toMessage({ partition, key, value, headers }: NewRecord): Message {
  return { partition, key, value, headers }
}

export function toRecord(partition: number, { offset, key, value, headers }: KafkaMessage): LogRecord {
  return {
    partition,
    offset: Number(offset),
    key: key?.toString() ?? '',
    value: value?.toString() ?? '',
    headers: toTexts(headers),
  }
}

function toTexts(headers: IHeaders | undefined): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const name in headers) texts[name] = String(headers[name])
  return texts
}

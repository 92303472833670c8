import type { KafkaConfig } from 'kafkajs'
import type { KafkaAccess } from '../access.ts'

export function accessOptions({ tls = false, ca, login }: KafkaAccess): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  return {
    ssl: tls && ca !== undefined ? { ca: [ca] } : tls,
    ...(login && { sasl: login as NonNullable<KafkaConfig['sasl']> }),
  }
}

/** Brokers that refuse whom they are told: waiting does not help. */
export const isRefusedLogin = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'KafkaJSSASLAuthenticationError' || isRefusedLogin(error.cause))

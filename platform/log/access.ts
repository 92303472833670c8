export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512'

/** How brokers are reached: by default in the clear and as nobody. */
export interface KafkaAccess {
  tls?: boolean
  /** Whom TLS trusts instead of the authorities that the runtime knows: certificates in PEM. */
  ca?: string | undefined
  /** Who the client says it is. */
  login?: { mechanism: SaslMechanism; username: string; password: string } | undefined
}

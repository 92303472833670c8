/**
 * The bus: best-effort broadcast of small JSON messages between processes (embedded: within one). Messages may be
 * lost, doubled and late, never altered; whoever listens also polls. Order holds per publisher while connected.
 */
export interface Bus {
  /** Never throws and never waits for a reply: a message that cannot be sent is dropped. No listener runs within it. */
  publish(channel: string, message: string): void
  /**
   * Calls `listener` for each message from now on, the own process's included; the function returned ends it. Subscribing
   * takes a moment with Redis, and goes on by itself when a connection is lost. What a listener throws is ignored.
   */
  subscribe(channel: string, listener: (message: string) => void): () => void
  /** No listener is called after it was called; what is published after it is dropped. Idempotent. */
  close(): Promise<void>
}

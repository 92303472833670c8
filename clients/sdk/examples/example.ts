/** What an example is run with. */
export interface Surroundings {
  url: string
  /** The admin's. */
  password: string
  console: { log(...values: unknown[]): void }
}

export type Example = (surroundings: Surroundings) => Promise<void>

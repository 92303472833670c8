/** What a seed is asked for. */
export interface Plan {
  seed: number
  users: number
  projects: number
  tasks: number
  /** Calls at a time. */
  parallel: number
}

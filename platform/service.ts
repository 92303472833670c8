import type { AnyRouter } from '@trpc/server'
import type { Contract } from './contract/contract.ts'
import type { Codes } from './errors/codes.ts'

/** One service, ready to be served: alone, or beside others in one process. */
export interface Service {
  /** The first segment of its procedures: `tasks`. */
  name: string
  contract: Contract
  codes: Codes
  router: AnyRouter
}

/** The little that the cache knows of its texts; `scripts.ts` says the same in Lua. */

const HEAD = /^\{"version":(\d+),"epoch":(\d+)[,}]/

/** True if `next` is of a newer version, or of the same version and a newer epoch. */
export function isNewer(next: string, current: string): boolean {
  const [version, epoch] = rank(next)
  const [currentVersion, currentEpoch] = rank(current)
  return version > currentVersion || (version === currentVersion && epoch > currentEpoch)
}

/** Tickets, and what is no value at all, come before every value. */
function rank(text: string): [version: number, epoch: number] {
  const found = HEAD.exec(text)
  return found ? [Number(found[1]), Number(found[2])] : [0, 0]
}

/** How the ticket with this id begins, and no other text. */
export function ticketHead(id: string): string {
  return `{"version":0,"ticket":${JSON.stringify(id)}`
}

import { performance } from 'node:perf_hooks'

/** For tests: for so long this process does nothing else. Timers come due, and what arrives stays unread. */
export function standStill(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

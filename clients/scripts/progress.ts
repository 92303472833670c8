import process from 'node:process'

/** Where it is shown: a terminal has one line that is written again, anything else gets a line now and then. */
export interface Screen {
  isTTY?: boolean | undefined
  columns?: number | undefined
  write(text: string): unknown
}

export interface Progress {
  /** One more is done. */
  tick(): void
  /** Shows where it has come to, and leaves the line. */
  end(): void
}

const REDRAW_MS = 100
const LINE_MS = 5_000
const BAR = 16

export function createProgress(
  label: string,
  total: number,
  screen: Screen = process.stdout,
  now: () => number = () => performance.now(),
): Progress {
  const began = now()
  let done = 0
  let shown = screen.isTTY ? Number.NEGATIVE_INFINITY : began

  const draw = () => {
    shown = now()
    const line = lineOf(label, done, total, (shown - began) / 1000)
    screen.write(screen.isTTY ? `\r\x1b[K${line.slice(0, (screen.columns ?? 80) - 1)}` : `${line}\n`)
  }

  return {
    tick() {
      done++
      if (now() - shown >= (screen.isTTY ? REDRAW_MS : LINE_MS)) draw()
    },
    end() {
      draw()
      if (screen.isTTY) screen.write('\n')
    },
  }
}

/** `tasks     [██████░░░░░░░░░░] 4,210 of 10,000  1,020/s  6 s left` */
export function lineOf(label: string, done: number, total: number, seconds: number): string {
  const share = total === 0 ? 1 : done / total
  const full = Math.floor(share * BAR)
  const rate = seconds > 0 ? done / seconds : 0
  const left = rate > 0 && done < total ? `${duration((total - done) / rate)} left` : duration(seconds)
  const bar = '█'.repeat(full) + '░'.repeat(BAR - full)
  return `${label.padEnd(9)} [${bar}] ${grouped(done)} of ${grouped(total)}  ${grouped(Math.round(rate))}/s  ${left}`
}

export const grouped = (number: number): string => number.toLocaleString('en-US')

const duration = (seconds: number): string =>
  seconds < 60 ? `${Math.ceil(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`

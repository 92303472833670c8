import { describe, expect, test } from 'vitest'
import { createProgress, lineOf } from './progress.ts'

describe('lineOf', () => {
  test('has a bar, counts, the rate and the time that is left', () => {
    expect(lineOf('tasks', 2500, 10_000, 5)).toBe('tasks     [████░░░░░░░░░░░░] 2,500 of 10,000  500/s  15 s left')
    expect(lineOf('users', 100, 100, 125)).toBe('users     [████████████████] 100 of 100  1/s  2 min 5 s')
  })

  test('fits a terminal of 80 columns', () => {
    expect(lineOf('checking', 900_000, 9_999_999, 60 * 60).length).toBeLessThan(80)
  })

  test('is full where there is nothing to do', () => {
    expect(lineOf('users', 0, 0, 0)).toContain('[████████████████] 0 of 0')
  })
})

/** Back to the beginning of the line, and nothing in it. */
const BEGIN = '\r\x1b[K'

describe('createProgress', () => {
  const run = (isTTY: boolean) => {
    let time = 0
    const written: string[] = []
    const screen = { isTTY, columns: 40, write: (text: string) => written.push(text) }
    const progress = createProgress('tasks', 1000, screen, () => time)
    for (let tick = 0; tick < 1000; tick++) {
      time += 20
      progress.tick()
    }
    progress.end()
    return written
  }

  test('writes one line again and again at a terminal, no longer than that is wide', () => {
    const written = run(true)
    const lines = written.slice(0, -1)
    expect(lines.length).toBeGreaterThan(100)
    expect(lines.length).toBeLessThan(300)
    for (const line of lines) {
      expect(line.startsWith(BEGIN)).toBe(true)
      expect(line.length - BEGIN.length).toBeLessThan(40)
    }
    expect(written.at(-1)).toBe('\n')
  })

  test('writes a line now and then elsewhere, and one at the end', () => {
    const written = run(false)
    expect(written).toHaveLength(5)
    for (const line of written) expect(line).toMatch(/^tasks .*\n$/)
    expect(written.at(-1)).toContain('1,000 of 1,000')
  })
})

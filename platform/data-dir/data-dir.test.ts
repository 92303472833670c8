import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DataDir, hasData, openDataDir } from './data-dir.ts'
import { lockDataDir } from './lock.ts'

let home = ''
let directory = ''
const open: DataDir[] = []

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'trefoil-data-'))
  directory = join(home, 'a', 'data')
})
afterEach(async () => {
  for (const dataDir of open.splice(0)) await dataDir.close()
  await rm(home, { recursive: true })
})

/** @param boot name of the machine's boot; undefined for a machine that does not tell */
async function start(boot?: string): Promise<DataDir> {
  const dataDir = await openDataDir(directory, { bootId: async () => boot })
  open.push(dataDir)
  return dataDir
}

/** What a killed process leaves: an open marker and a lock without an owner. */
async function killed(dataDir: DataDir): Promise<void> {
  const marker = await readFile(join(dataDir.path, 'trefoil.json'))
  await dataDir.close()
  await writeFile(join(dataDir.path, 'trefoil.json'), marker)
}

test('a directory that is missing is made, and starts clean', async () => {
  const dataDir = await start('boot 1')
  expect(dataDir).toMatchObject({ path: directory, cleanStop: true, bootChanged: false, afterPowerCut: false })
  expect(await readdir(directory)).toEqual(['lock', 'trefoil.json'])
})

test('it has data once it was opened', async () => {
  expect(await hasData(directory)).toBe(false)
  const dataDir = await start()
  expect(await hasData(directory)).toBe(true)
  await dataDir.close()
  expect(await hasData(directory)).toBe(true)
})

test('it is locked while open, and free once closed', async () => {
  const dataDir = await start()
  await expect(start()).rejects.toThrow('is in use by the process')
  await dataDir.close()
  await dataDir.close()
  await start()
})

describe('the last stop', () => {
  test.each([
    { stop: 'clean', before: 'boot 1', now: 'boot 1', cleanStop: true, bootChanged: false, afterPowerCut: false },
    { stop: 'clean', before: 'boot 1', now: 'boot 2', cleanStop: true, bootChanged: true, afterPowerCut: false },
    { stop: 'killed', before: 'boot 1', now: 'boot 1', cleanStop: false, bootChanged: false, afterPowerCut: false },
    { stop: 'killed', before: 'boot 1', now: 'boot 2', cleanStop: false, bootChanged: true, afterPowerCut: true },
    { stop: 'killed', before: undefined, now: undefined, cleanStop: false, bootChanged: true, afterPowerCut: true },
    { stop: 'killed', before: undefined, now: 'boot 1', cleanStop: false, bootChanged: true, afterPowerCut: true },
    { stop: 'clean', before: undefined, now: undefined, cleanStop: true, bootChanged: true, afterPowerCut: false },
  ])('$stop in $before, started in $now: power cut $afterPowerCut', async ({ stop, before, now, ...expected }) => {
    const first = await start(before)
    await (stop === 'clean' ? first.close() : killed(first))
    expect(await start(now)).toMatchObject(expected)
  })

  test('a power cut is told at every start until what it damaged was made anew', async () => {
    await killed(await start('boot 1'))
    await killed(await start('boot 2'))
    const third = await start('boot 2')
    expect(third.afterPowerCut).toBe(true)
    await third.close()
    const fourth = await start('boot 2')
    expect(fourth.afterPowerCut).toBe(true)
    await fourth.recovered()
    await killed(fourth)
    expect((await start('boot 2')).afterPowerCut).toBe(false)
  })
})

describe('a directory that cannot be used gets a sentence and is left as it was', () => {
  async function refused(message: string): Promise<void> {
    const before = await readdir(directory).catch(() => null)
    await expect(start()).rejects.toThrow(message)
    expect(await readdir(directory).catch(() => null)).toEqual(before)
  }

  test('a file', async () => {
    await mkdir(join(home, 'a'))
    await writeFile(directory, 'x')
    await refused(`The data directory ${directory} is not a directory. Set DATA_DIR to another one.`)
    expect(await readFile(directory, 'utf8')).toBe('x')
  })

  test('a path below a file', async () => {
    await writeFile(join(home, 'a'), 'x')
    await refused('is not a directory, or lies below a file')
  })

  test('a place where nothing can be written', async () => {
    directory = '/sys/trefoil'
    await refused('The data directory /sys/trefoil cannot be written by this user.')
  })

  test("somebody else's files", async () => {
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'thesis.tex'), 'x')
    await refused('holds files (thesis.tex) and no trefoil.json')
  })

  test.each(['', '{"format":1,', '{"format":1,"boot":7}', '[]'])('a damaged marker: %j', async (marker) => {
    await mkdir(join(directory, 'log'), { recursive: true })
    await writeFile(join(directory, 'trefoil.json'), marker)
    await refused('trefoil.json is damaged, so the data beside it was left alone')
    expect(await readFile(join(directory, 'trefoil.json'), 'utf8')).toBe(marker)
  })

  test('a newer format', async () => {
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'trefoil.json'), '{"format":2,"boot":null,"clean":true,"suspect":false}')
    await refused('was written by a newer version (format 2; this one knows 1). Start that version.')
  })

  test('a path too long for a socket', async () => {
    directory = join(home, 'a'.repeat(100))
    await mkdir(directory)
    await expect(start()).rejects.toThrow('Choose a shorter one')
  })

  test('a refusal lets go of the lock', async () => {
    await killed(await start())
    await writeFile(join(directory, 'trefoil.json'), 'damaged')
    await expect(start()).rejects.toThrow('damaged')
    await (await lockDataDir(directory))()
  })
})

test('an empty mount and hidden files are taken for a new directory', async () => {
  await mkdir(join(directory, 'lost+found'), { recursive: true })
  await writeFile(join(directory, '.gitkeep'), '')
  expect((await start()).cleanStop).toBe(true)
})

test('a start that died before its marker was in place does no harm', async () => {
  await mkdir(join(directory, 'lock'), { recursive: true })
  await writeFile(join(directory, 'trefoil.json.new'), '{"form')
  expect((await start()).cleanStop).toBe(true)
})

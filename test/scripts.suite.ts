import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openLiar } from './scripts/liar.ts'
import { runScript, startScript } from './scripts/script.ts'
import { freePort } from './system/free-port.ts'
import { admin, type StartSystem, type System } from './system.ts'

const { password } = admin
const scripts = ['tour', 'seed', 'report']
const NO_ITEMS = JSON.stringify({ result: { data: { items: [], nextCursor: null } } })
const ordinary = { timeout: 180_000 }

/** The scripts of clients/scripts, as processes of their own. */
export function scriptsSuite(start: StartSystem): void {
  describe('scripts', () => {
    let system: System
    beforeAll(async () => {
      system = await start()
    })
    afterAll(() => system?.stop())
    const here = () => ['--url', system.url]
    const small = ['--users', '5', '--projects', '3', '--tasks', '40', '--parallel', '8']

    describe('tour', () => {
      test('shows everything, and leaves nothing', ordinary, async () => {
        const { status, out, err } = await runScript('tour', here(), password)
        expect({ status, err }).toEqual({ status: 0, err: '' })
        expect(out).toMatch(/409 task\.illegal_move, allowed: in_progress, backlog, cancelled/)
        expect(out).toMatch(/removed: project \w+ with its tasks\n.*removed: user ivan-\w+\n.*removed: user olga-/)
        const { projects, users } = (await system.people.admin()).over('tRPC')
        expect((await projects.list()).items).toEqual([])
        expect((await users.list()).items).toHaveLength(1)
      })

      test.each<[string, (body: string) => string, RegExp]>([
        [
          'tasks.move',
          (body) => body.replace('"state":"todo"', '"state":"done"'),
          /Wrong answer: tasks\.move answered/,
        ],
        ['tasks.list', () => NO_ITEMS, /Wrong answer: .*ENGINE/],
        [
          'users.create',
          (body) => body.replace('setupToken', 'token'),
          /Wrong answer: users\.create gave no setup token/,
        ],
      ])('tells of a wrong answer of %s, and tidies up', ordinary, async (procedure, lie, said) => {
        const liar = await openLiar(system.url, (called, body) => (called === procedure ? lie(body) : body))
        const { status, out, err } = await runScript('tour', ['--url', liar.url], password)
        await liar.close()
        expect(status, out).toBe(1)
        expect(err).toMatch(said)
        expect(out).toContain('removed: user olga-')
        expect(out).not.toContain('left there')
      })

      test('is for admins', ordinary, async () => {
        const { username, password } = await system.people.join()
        const { status, err } = await runScript('tour', [...here(), '--username', username], password)
        expect({ status, err }).toEqual({ status: 1, err: expect.stringContaining(`${username} is no admin`) })
        await (await system.people.admin()).over('tRPC').users.remove({ id: username })
      })
    })

    describe('seed', () => {
      test('makes what is asked for, once, and more of it later', ordinary, async () => {
        const first = await runScript('seed', [...here(), ...small], password)
        expect(first).toMatchObject({ status: 0, err: '' })
        expect(first.out).toMatch(/5 users, 3 projects, 40 tasks/)
        const again = await runScript('seed', [...here(), ...small], password)
        expect(again.out).toMatch(/5 users, 3 projects, 40 tasks/)
        const more = await runScript('seed', [...here(), '--users', '9', '--projects', '3', '--tasks', '60'], password)
        expect(more.out).toMatch(/9 users, 3 projects, 60 tasks/)

        const { projects, users } = (await system.people.admin()).over('tRPC')
        expect((await users.list({ q: '-1-' })).items).toHaveLength(9)
        expect((await projects.list({ q: ' 1-' })).items).toHaveLength(3)
      })

      test('is taken up where it was cut short', ordinary, async () => {
        const large = [...here(), '--users', '3', '--projects', '2', '--tasks', '200', '--seed', '2']
        const cut = startScript('seed', [...large, '--parallel', '2'], password)
        const inTheMidst = async () => {
          const { projects, tasks } = (await system.people.admin()).over('tRPC')
          const [project] = (await projects.list({ q: ' 2-1' })).items
          expect((await tasks.list({ projectId: project!.id })).items.length).toBeGreaterThan(3)
        }
        await vi.waitFor(inTheMidst, { timeout: 60_000, interval: 20 })
        cut.interrupt()
        expect(await cut.ended).toMatchObject({ status: 130, err: expect.stringContaining('the same command goes on') })
        const { status, out } = await runScript('seed', large, password)
        expect({ status, out }).toMatchObject({ status: 0, out: expect.stringMatching(/2 projects, 200 tasks/) })
      })

      test('says what is missing', ordinary, async () => {
        const forgetful = (called: string, body: string) => (called === 'tasks.list' ? NO_ITEMS : body)
        const liar = await openLiar(system.url, forgetful)
        const { status, err } = await runScript('seed', ['--url', liar.url, ...small, '--seed', '3'], password)
        await liar.close()
        expect(status).toBe(1)
        expect(err).toMatch(/Wrong answer: A project has 0 tasks of this seed instead of 1[34]\./)
      })
    })

    describe('report', () => {
      test('counts the tasks of a project', ordinary, async () => {
        const { projects, tasks } = (await system.people.admin()).over('tRPC')
        await projects.create({ name: 'Reported', key: 'REPORTED' })
        const task = { projectId: 'REPORTED', title: 'Late', dueDate: '2020-01-01' }
        for (const assignee of ['me', 'me', null]) await tasks.create({ ...task, assignee })
        await tasks.move({ id: 'REPORTED-1', state: 'cancelled' })

        const { status, out } = await runScript('report', [...here(), '--project', 'REPORTED'], password)
        expect(status).toBe(0)
        expect(out.replace(/ +/g, ' ')).toBe(
          [
            'Reported (REPORTED): 3 tasks, 2 overdue',
            '',
            ' backlog todo in progress in review done cancelled all overdue',
            ' admin 1 · · · · 1 2 1',
            ' (nobody) 1 · · · · · 1 1',
            ' all 2 · · · · 1 3 2',
            '',
          ].join('\n'),
        )
      })

      test('counts all of mine, for programs too', ordinary, async () => {
        const { status, out, err } = await runScript('report', [...here(), '--json'], password)
        expect({ status, err }).toEqual({ status: 0, err: '' })
        const { items } = await (await system.people.admin()).over('tRPC').projects.list({ mine: true, limit: 100 })
        const reports = JSON.parse(out) as { project: { key: string } }[]
        expect(reports.map(({ project }) => project.key).sort()).toEqual(items.map(({ key }) => key).sort())
      })

      test('tells of a page that comes twice, and of a project that there is not', ordinary, async () => {
        const twice = (called: string, body: string) =>
          called === 'tasks.list' ? body.replace(/"items":\[(\{.*?\})(,\{|\])/, '"items":[$1,$1$2') : body
        const liar = await openLiar(system.url, twice)
        const doubled = await runScript('report', ['--url', liar.url, '--project', 'REPORTED'], password)
        await liar.close()
        expect(doubled).toMatchObject({ status: 1, out: '', err: expect.stringContaining('stands in a list twice') })
        const nowhere = await runScript('report', [...here(), '--project', 'NOWHERE'], password)
        expect(nowhere).toMatchObject({ status: 1, err: expect.stringContaining('404 project.not_found') })
      })
    })

    describe.each(scripts)('%s', (script) => {
      test('says that the password is wrong', ordinary, async () => {
        const { status, err } = await runScript(script, here(), 'not the password')
        expect({ status, err }).toMatchObject({
          status: 1,
          err: expect.stringMatching(/^users\.login was refused: .* wrong\. /),
        })
      })

      test('says that nobody answers', ordinary, async () => {
        const { status, err } = await runScript(script, ['--url', `http://127.0.0.1:${await freePort()}`], password)
        expect({ status, err }).toMatchObject({
          status: 1,
          err: expect.stringMatching(/^Nothing answers at .*Is Trefoil started/),
        })
      })

      test('says that it is something else that answers', ordinary, async () => {
        const server = createServer((_, answer) => answer.end('<h1>It works!</h1>')).listen(0, '127.0.0.1')
        await vi.waitFor(() => expect(server.listening).toBe(true))
        const { port } = server.address() as AddressInfo
        const { status, err } = await runScript(script, ['--url', `http://127.0.0.1:${port}`], password)
        server.close()
        server.closeAllConnections()
        expect({ status, err }).toMatchObject({ status: 1, err: expect.stringContaining('it is not Trefoil') })
      })

      test('needs a password, and options that it knows', ordinary, async () => {
        expect(await runScript(script, here())).toMatchObject({
          status: 1,
          err: expect.stringContaining('TREFOIL_PASSWORD'),
        })
        const unheard = await runScript(script, ['--unheard', 'of'], password)
        expect(unheard).toMatchObject({ status: 2, out: '', err: expect.stringContaining(`npm run ${script} --`) })
        const help = await runScript(script, ['--help'])
        expect(help).toMatchObject({ status: 0, err: '', out: expect.stringContaining('--url URL') })
      })
    })
  })
}

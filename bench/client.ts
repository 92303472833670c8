import { Agent, request } from 'node:http'

export interface Answer {
  status: number
  text: string
}

/** Requests over connections that are kept alive, one for each call under way. */
export interface Client {
  post(path: string, body: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  get(path: string): Promise<Answer>
  end(): void
}

/** Longer than any answer takes; a benchmark that hangs ends with a sentence. */
const PATIENCE_MS = 30_000

export function createClient(url: string): Client {
  const agent = new Agent({ keepAlive: true })

  function send(method: string, path: string, body?: string, headers = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(`${url}${path}`, { method, agent, headers, timeout: PATIENCE_MS }, (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk) => (text += chunk))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
        answer.on('error', reject)
      })
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} was not answered in ${PATIENCE_MS} ms`)))
      sent.on('error', reject)
      sent.end(body)
    })
  }

  return {
    post: (path, body, headers) => send('POST', path, body, { 'content-type': 'application/json', ...headers }),
    get: (path) => send('GET', path),
    end: () => agent.destroy(),
  }
}

/** So many calls, so many at a time, each begun when another has been answered. Resolves to what each took, sorted, in ms. */
export async function closedLoop(
  calls: number,
  concurrency: number,
  call: (nth: number) => Promise<void>,
): Promise<number[]> {
  const took: number[] = []
  let begun = 0
  async function worker(): Promise<void> {
    while (begun < calls) {
      const began = performance.now()
      await call(begun++)
      took.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return took.sort((a, b) => a - b)
}

import type { Calls } from './calls.ts'
import type { CallOptions, ChangeOptions } from './options.ts'
import { itemsOf } from './pages.ts'

/** Gives `own` the services as members, with their procedures and methods; which ones there are the compiler knows. */
export function withServices<Own extends object>(own: Own, calls: Calls): Own {
  const service = (name: string) => lazily({}, (procedure) => methodsOf(`${name}.${procedure}`, calls))
  return lazily(own, service)
}

const methodsOf = (path: string, { query, mutate, send, pages }: Calls) => ({
  query: (input?: unknown, options?: CallOptions) => query(path, input, options),
  mutate: (input?: unknown, options?: ChangeOptions) => mutate(path, input, options),
  send: (input?: unknown, options?: ChangeOptions) => send(path, input, options),
  pages: (input?: object, options?: CallOptions) => pages(path, input, options),
  items: (input?: object, options?: CallOptions) => itemsOf(pages(path, input, options)),
})

/** Members that are made when they are first asked for. It is no promise, and has nothing that has no name in text. */
function lazily<Target extends object>(target: Target, make: (name: string) => unknown): Target {
  return new Proxy(target, {
    get(own, name, receiver) {
      if (Reflect.has(own, name) || typeof name !== 'string' || name === 'then') return Reflect.get(own, name, receiver)
      const value = make(name)
      Object.defineProperty(own, name, { value })
      return value
    },
  })
}

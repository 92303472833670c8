import dns, { type LookupOptions } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { isIPv4 } from 'node:net'
import process from 'node:process'

// Loaded before a service (`node --import`): gives it the name server that a container has. Names are asked for there, each
// time; what is an address already needs none.
type Found = (error: Error | null, address?: string | { address: string; family: number }[], family?: number) => void

// The name server is the test's own process, which may be busy.
const resolver = new dns.Resolver({ timeout: 5000, tries: 2 })
resolver.setServers([process.env.NAMESERVER ?? ''])

function lookup(name: string, options: LookupOptions | Found, callback?: Found): void {
  const found = (typeof options === 'function' ? options : callback) as Found
  const { all = false } = typeof options === 'object' ? options : {}
  const answer = (addresses: string[]) => {
    if (all) {
      const list = addresses.map((address) => ({ address, family: 4 }))
      found(null, list)
    } else found(null, addresses[0] as string, 4)
  }
  if (isIPv4(name)) answer([name])
  else resolver.resolve4(name, (error, addresses) => (error ? found(error) : answer(addresses)))
}

dns.lookup = lookup as typeof dns.lookup
syncBuiltinESMExports()

import { Buffer } from 'node:buffer'
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { Failure } from '../../platform/errors/failure.ts'

export interface Passwords {
  /** A PHC string of a new salt. */
  hash(password: string): Promise<string>
  /** Takes as long for a user who does not exist, or has no password, as for a wrong one. */
  verify(password: string, phc: string | undefined): Promise<boolean>
}

export interface PasswordOptions {
  /** log2 of N: what OWASP's table calls equivalent to Argon2id at 19 MiB is N=2^14, r=8, p=5. */
  cost?: number
  /** Computed at a time: each takes 16 MiB and a thread for about 0.2 s. */
  running?: number
  /** Waiting for a place; beyond it callers are turned away with 429. */
  waiting?: number
}

interface Params {
  ln: number
  r: number
  p: number
}

const SALT_BYTES = 16
const HASH_BYTES = 32

export function createPasswords({ cost = 14, running = 2, waiting = 16 }: PasswordOptions = {}): Passwords {
  const params: Params = { ln: cost, r: 8, p: 5 }
  const place = createPlaces(running, waiting)
  const nobody = format(params, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES))

  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES)
      return format(params, salt, await place(() => derive(password, salt, params)))
    },

    async verify(password, phc) {
      const { salt, hash, ...own } = parse(phc ?? nobody)
      const derived = await place(() => derive(password, salt, own))
      return timingSafeEqual(derived, hash) && phc !== undefined
    },
  }
}

/** NIST SP 800-63B: length above all; and nothing that is guessed first. @throws Failure `password.weak` */
export function checkStrength(password: string, ...names: readonly string[]): void {
  const normal = password.normalize('NFKC')
  const length = [...normal].length
  if (length < 12 || length > 128) throw new Failure('password.weak', 'A password has 12 to 128 characters.')
  const lower = normal.toLowerCase()
  if (new Set(lower).size < 5) throw new Failure('password.weak', 'The password repeats too few characters.')
  // A name of the password's length or nearly so is most of what an attacker has to guess.
  const named = names.some((name) => name !== '' && lower.replaceAll(name.toLowerCase(), '').length < 6)
  if (named) throw new Failure('password.weak', 'The password is little more than your name or address.')
}

function derive(password: string, salt: Uint8Array, { ln, r, p }: Params): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: 128 * r * (2 ** ln + p + 2) }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

const format = ({ ln, r, p }: Params, salt: Uint8Array, hash: Uint8Array): string =>
  `$scrypt$ln=${ln},r=${r},p=${p}$${encode(salt)}$${encode(hash)}`

function parse(phc: string): Params & { salt: Buffer; hash: Buffer } {
  const [, ln, r, p, salt, hash] = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([^$]+)\$([^$]+)$/.exec(phc) ?? []
  if (!salt || !hash) throw new Error('a stored password hash is not a PHC string of scrypt')
  return {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  }
}

/** Base64 without padding, as PHC has it. */
const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '')

function createPlaces(running: number, waiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  let taken = 0
  const queue: (() => void)[] = []

  return async function place(work) {
    if (taken >= running) {
      if (queue.length >= waiting)
        throw new Failure('rate.limited', 'Too many logins at this moment.', { retryAfter: 1 })
      await new Promise<void>((resolve) => queue.push(resolve)) // its place is handed over
    } else taken++
    try {
      return await work()
    } finally {
      const next = queue.shift()
      if (next) next()
      else taken--
    }
  }
}

import { vi } from 'vitest'

// A condition is waited for as long as a busy machine may need. Vitest's second is too little where several systems start at once.
const PATIENCE_MS = 10_000

const { waitFor } = vi
vi.waitFor = (callback, options = PATIENCE_MS) => waitFor(callback, options)

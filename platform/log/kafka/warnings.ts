import process from 'node:process'

let quiet = false

/**
 * kafkajs asks for a timer of negative length with every response, and newer runtimes warn of it (kafkajs issue
 * 1751). That one warning is left out; all others reach whoever listened before.
 */
export function silenceNegativeTimeouts(): void {
  if (quiet) return
  quiet = true
  const listeners = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name === 'TimeoutNegativeWarning') return
    for (const listener of listeners) listener.call(process, warning)
  })
}

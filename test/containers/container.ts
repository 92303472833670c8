import { inject } from 'vitest'
import { type Program, startProcess } from '../system/program.ts'
import type { Settings } from '../system.ts'
import { type Compose, environmentOf } from './compose.ts'
import { readImage } from './dockerfile.ts'
import type { Network } from './network.ts'

/** One instance of a service: what `docker compose` would run as a container. Once it has ended it can be started again. */
export interface Container extends Pick<Program, 'url' | 'said' | 'ready' | 'status' | 'end'> {
  /** `tasks-2` */
  name: string
  service: string
  address: string
  start(): void
  /** Stops it in order, starts it again, and waits until it is ready. */
  restart(): Promise<void>
}

export interface ContainerOptions {
  compose: Compose
  service: string
  number: number
  network: Network
  /** The folder with what an image holds. */
  app: string
  /** What differs here from the environment in docker-compose.yml. */
  settings: Settings
}

export function createContainer({ compose, service, number, network, app, settings }: ContainerOptions): Container {
  const image = readImage()
  const address = network.nextAddress()
  const url = `http://${address}:8000`
  const { command = [], dns_opt: options } = compose.services[service]!
  const env = {
    ...image.env,
    ...environmentOf(compose.services[service]!),
    ...settings,
    ...{ HOST: address, NAMESERVER: network.nameserver(options), NODE_OPTIONS: `--import=${inject('hosts')}` },
  }
  const [node = '', ...parameters] = image.entrypoint
  if (node !== 'node') throw new Error(`the image starts with ${node}, and these tests know node`)
  let program: Program | undefined
  let said = ''

  const running = (): Program => {
    if (!program) throw new Error(`${service}-${number} has not been started`)
    return program
  }
  function start(): void {
    if (program && program.status() === undefined) throw new Error(`${service}-${number} runs already`)
    said += program?.said() ?? ''
    program = startProcess({ command: [inject('node'), ...parameters, ...command], cwd: app, env, url })
    const leave = network.join(service, address)
    void program.ended.then(leave)
  }

  return {
    name: `${service}-${number}`,
    service,
    address,
    url,
    start,
    said: () => said + (program?.said() ?? ''),
    status: () => (program ? program.status() : 0),
    ready: () => running().ready(),
    end: (signal) => running().end(signal),
    async restart() {
      const status = await running().end('SIGTERM')
      if (status !== 0) throw new Error(`${service}-${number} ended with ${status}: ${running().said()}`)
      start()
      await running().ready()
    },
  }
}

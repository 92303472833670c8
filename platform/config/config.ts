import { readFileSync } from 'node:fs'
import process from 'node:process'
import type { z } from 'zod'
import { type Setting, settings } from './settings.ts'

export type SettingName = keyof typeof settings

/** The configuration of one process: each setting under its name in camel case, `KAFKA_BROKERS` as `kafkaBrokers`. */
export type Config = { readonly [Name in SettingName as Camel<Name>]: Value<(typeof settings)[Name]> } & {
  readonly demoData: boolean
}

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<Camel<Tail>>}`
  : Lowercase<Name>
type Value<S extends Setting> = z.output<S['read']> | (S extends { fallback: string } ? never : undefined)

export interface ConfigOptions {
  /** Default: the environment of the process. */
  env?: Readonly<Record<string, string | undefined>>
  /** Optional settings that this process cannot do without. */
  needs?: readonly SettingName[]
  /** What needs them, for the complaint: "the tasks service". */
  as?: string
}

/** All that is wrong with a configuration, one line each. */
export class ConfigError extends Error {
  readonly complaints: readonly string[]
  constructor(complaints: readonly string[]) {
    super(`The configuration cannot be used:\n${complaints.map((line) => `  ${line}`).join('\n')}`)
    this.name = 'ConfigError'
    this.complaints = complaints
  }
}

/**
 * Reads the environment, here and nowhere else. A value is `NAME`, or the content of the file that `NAME_FILE` names;
 * an empty one counts as none.
 * @throws ConfigError naming everything that is wrong at once
 */
export function readConfig(options: ConfigOptions = {}): Config {
  const env = options.env ?? process.env
  const complaints: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    try {
      const text = textOf(name, env)
      if (text === undefined && options.needs?.includes(name as SettingName)) {
        throw new Error(`is missing: ${options.as ?? 'this process'} needs it; for example ${name}=${setting.example}`)
      }
      if (text !== undefined && setting.with && textOf(setting.with, env) === undefined) {
        throw new Error(`is set and ${setting.with} is not: they go together`)
      }
      values[camel(name)] = parse(name, setting, text)
    } catch (error) {
      complaints.push(`${name} ${(error as Error).message}`)
    }
  }
  if (complaints.length > 0) throw new ConfigError(complaints)
  const config = values as Config
  return { ...config, demoData: config.demoData ?? realParts(config).length === 0 }
}

/** The real parts that a configuration selects, by the names of their settings. */
export function realParts(config: Config): SettingName[] {
  const parts = ['KAFKA_BROKERS', 'REDIS_URL', 'DATABASE_URL', 'MONGO_URL'] as const
  return parts.filter((name) => config[camel(name)] !== undefined)
}

function textOf(name: string, env: NonNullable<ConfigOptions['env']>): string | undefined {
  const [text, file] = [env[name], env[`${name}_FILE`]]
  if (!file) return text || undefined
  if (text) throw new Error(`is set twice, by ${name} and by ${name}_FILE: keep one`)
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined
  } catch (error) {
    throw new Error(`cannot be read from the file that ${name}_FILE names (${(error as Error).message})`)
  }
}

function parse(name: string, setting: Setting, text = setting.fallback): unknown {
  if (text === undefined) return undefined
  const result = setting.read.safeParse(text)
  if (result.success) return result.data
  const shown = setting.secret ? '' : `is "${text}", which `
  throw new Error(`${shown}is not ${setting.is}; for example ${name}=${setting.example}`)
}

function camel<Name extends string>(name: Name): Camel<Name> {
  return name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) as Camel<Name>
}

import { type Config, realParts, type SettingName } from '../platform/config/config.ts'
import type { Role } from './start.ts'
import type { NewAdmin } from './users/admin.ts'

/** What a process says of itself once it serves: who it is, where it is reached, and where its data is. */
export function banner(role: Role, config: Config, url: string, admins: readonly NewAdmin[]): string {
  const isAll = role.consumer && role.services.length > 0
  return [
    '',
    `  Trefoil   ${url}${isAll ? '' : `   (${titleOf(role)})`}`,
    role.services.length > 0 ? `  Docs      ${url}/docs` : `  Health    ${url}/readyz`,
    `  Data      ${whereabouts(config)}`,
    ...admins.map((admin) => `  ${adminLine(admin)}`),
    '',
  ].join('\n')
}

/** `the tasks service`; what has no service is named by what it does. */
export const titleOf = ({ name, services }: Role): string =>
  services.length > 0 ? `the ${name} service` : `the ${name}`

export const adminLine = ({ username, password }: NewAdmin): string =>
  `Admin     ${username}${password === undefined ? ', with the password that was given' : `, password ${password}   (shown once)`}`

const PARTS: Partial<Record<SettingName, string>> = {
  KAFKA_BROKERS: 'Kafka',
  REDIS_URL: 'Redis',
  DATABASE_URL: 'Postgres',
  MONGO_URL: 'MongoDB',
}

function whereabouts(config: Config): string {
  const real = realParts(config).map((name) => PARTS[name])
  const embedded = config.kafkaBrokers && config.databaseUrl ? [] : [`in ${config.dataDir}`]
  return [...embedded, ...(real.length > 0 ? [`on ${real.join(', ')}`] : [])].join(', ')
}

import { type Setting, settings } from './settings.ts'

/** `.env.example`: every setting commented out, with its default or an example. */
export function envExample(): string {
  const blocks = Object.entries<Setting>(settings).map(
    ([name, setting]) => `# ${setting.about}\n#${name}=${setting.fallback || setting.example}\n`,
  )
  return `${HEADING}\n${blocks.join('\n')}`
}

const HEADING = `# Every setting of Trefoil. Those commented out show their default or, where there is none, an example. Any value may
# come from a file instead: DATABASE_URL_FILE=/run/secrets/database_url. Copy to .env and load it with
# \`node --env-file=.env --import tsx main.ts\`.
`

/** The table of the README. */
export function settingsTable(): string {
  const rows = Object.entries<Setting>(settings).map(([name, setting]) => {
    return `| \`${name}\` | ${setting.fallback ? `\`${setting.fallback}\`` : ''} | ${setting.about} |`
  })
  return ['| setting | default | |', '|---|---|---|', ...rows].join('\n')
}

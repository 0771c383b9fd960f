import { listSettings } from './list-settings.ts'
import type { Setting } from './setting.ts'

/** The settings as a table in Markdown, for the README. */
export function settingsTable(): string {
  const rows = listSettings().map(([name, setting]) =>
    [`\`${name}\``, defaultOf(setting), setting.kind.accepts, describe(setting)].join(' | '),
  )
  return ['Setting | Default | Values | Meaning', '--- | --- | --- | ---', ...rows]
    .map((row) => `| ${row} |`)
    .join('\n')
}

function defaultOf({ default: text }: Setting<unknown>): string {
  return text === '' ? 'not set' : `\`${text}\``
}

function describe({ description, aliases = [] }: Setting<unknown>): string {
  if (aliases.length === 0) return description
  return `${description} Also: ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`
}

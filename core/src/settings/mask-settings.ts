import { listSettings } from './list-settings.ts'
import type { Settings } from './schema.ts'

/** The settings as they may be shown: what is secret reads `******`, as Kong prints it. */
export function maskSettings(settings: Settings): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    listSettings().map(([name, { secret }]) => [
      name,
      secret === true && isSet(settings[name]) ? '******' : settings[name],
    ]),
  )
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined
}

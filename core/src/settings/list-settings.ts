import { schema, type SettingName } from './schema.ts'
import type { Setting } from './setting.ts'

const definitions: Readonly<Record<string, Setting<unknown>>> = schema

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(schema, name)
}

/** The schema as a list, for whoever treats every setting alike. */
export function listSettings(): readonly (readonly [SettingName, Setting<unknown>])[] {
  return Object.entries(definitions).flatMap(([name, setting]) =>
    isSettingName(name) ? [[name, setting] as const] : [],
  )
}

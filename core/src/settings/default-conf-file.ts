import { existsSync } from 'node:fs'

/** Where Kong looks for its file when none is named. */
const places = ['/etc/kong/kong.conf', '/etc/kong.conf']

/** The first of Kong's usual files that is there, if any. */
export function defaultConfFile(): string | undefined {
  return places.find((place) => existsSync(place))
}

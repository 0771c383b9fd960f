import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the examples stand, beside this package. */
export const examples = fileURLToPath(new URL('../../../sdk-examples/', import.meta.url))

/** The gateway's own PDK, which plugins anywhere on disk are written against. */
export const pdk = dirname(createRequire(import.meta.url).resolve('@kong-ts/pdk/package.json'))

/** The folder of a tool that is installed beside the gateway. @throws Error that says how to install it */
export function toolFolder(name: string): string {
  const folder = (createRequire(import.meta.url).resolve.paths(name) ?? [])
    .map((path) => join(path, name))
    .find((path) => existsSync(path))
  if (folder !== undefined) return folder
  throw new Error(`${name} is not installed beside kong-ts; run "npm ci" there`)
}

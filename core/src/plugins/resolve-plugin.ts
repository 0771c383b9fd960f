import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { entryOf } from './package-entry.ts'

const scope = '@kong-ts'
const bundledPrefix = `${scope}/plugin-`

/** Where a plugin's code is. `from` is what `plugins list` shows. */
export interface PluginLocation {
  readonly specifier: string
  readonly url: string
  readonly from: string
}

/** The plugins that stand beside this package: every `@kong-ts/plugin-*` that is installed with it. */
export function bundledPlugins(): PluginLocation[] {
  const folder = foldersOf(import.meta.url)
    .map((path) => join(path, scope))
    .find((path) => existsSync(path))
  if (folder === undefined) return []
  return readdirSync(folder)
    .filter((name) => name.startsWith('plugin-'))
    .toSorted()
    .flatMap((name) => locate(`${scope}/${name}`, join(folder, name), 'bundled') ?? [])
}

/**
 * Finds what an operator named in `plugins`: a path to a .ts or .js file or to a package's folder, a short name
 * (`NAME` is looked for as `@kong-ts/plugin-NAME`, then `kong-ts-plugin-NAME`), or a package's name. Packages are
 * looked for around the gateway first, then around `cwd`.
 * @throws SyntaxError for a package.json that is not JSON
 */
export function resolvePlugin(specifier: string, cwd: string): PluginLocation | undefined {
  if (isPath(specifier)) return atPath(specifier, cwd)
  const folders = [...foldersOf(import.meta.url), ...foldersOf(join(cwd, 'package.json'))]
  for (const name of [`${bundledPrefix}${specifier}`, `kong-ts-plugin-${specifier}`, specifier]) {
    for (const folder of folders) {
      const from = name.startsWith(bundledPrefix) ? 'bundled' : name
      const found = locate(specifier, join(folder, name), from)
      if (found) return found
    }
  }
  return undefined
}

function isPath(specifier: string): boolean {
  return /^(~|\.{0,2})\//.test(specifier) || /^\.{1,2}$|\.[cm]?[jt]s$/.test(specifier)
}

function atPath(specifier: string, cwd: string): PluginLocation | undefined {
  const path = resolve(cwd, specifier.replace(/^~(?=\/)/, homedir()))
  return locate(specifier, path, path)
}

/** The `node_modules` folders that a module at this place would look into, nearest first. */
function foldersOf(place: string): readonly string[] {
  return createRequire(place).resolve.paths(scope) ?? []
}

function locate(specifier: string, path: string, from: string): PluginLocation | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  const file = found?.isDirectory() ? entryOf(path) : found && path
  // The real path, as Node's own loader takes it: a linked package is where its author works on it.
  return file === undefined
    ? undefined
    : { specifier, url: pathToFileURL(realpathSync(file)).href, from }
}

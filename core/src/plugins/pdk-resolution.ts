import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { importsCore } from './load-plugin.ts'
import { followEdition, isPluginFile, plainUrl } from './module-graph.ts'

let registered = false

/**
 * Makes every plugin, wherever its file lies, resolve `@kong-ts/pdk` to the gateway's copy,
 * so that an author needs no installation to try one out and one process holds one PDK. A `.ts` file runs as it
 * is, also below a `node_modules` folder, where Node by itself refuses to strip types.
 */
export function resolvePdkToOurs(): void {
  if (registered) return
  registered = true
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === '@kong-ts/pdk' || specifier.startsWith('@kong-ts/pdk/'))
        return next(specifier, { ...context, parentURL: import.meta.url })
      const { parentURL } = context
      if (parentURL === undefined) return next(specifier, context)
      refuse(isCore(specifier), specifier, parentURL)
      const found = next(specifier, context)
      refuse(isInside(found.url), specifier, parentURL)
      if (!isOwnFile(specifier, found.url)) return found
      return { ...found, url: followEdition(found.url, parentURL) }
    },
    load(url, context, next) {
      const plain = plainUrl(url)
      if (!isInstalledTypeScript(plain)) return next(url, context)
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(plain), 'utf8'))
      return { format: 'module', shortCircuit: true, source }
    },
  })
}

/** A plugin imports what may change any day, and what it could break. */
class CoreImported extends Error {
  readonly code = importsCore
  constructor(specifier: string) {
    super(`it imports '${specifier}', the inside of the gateway; import from @kong-ts/pdk only`)
  }
}

function refuse(isOurs: boolean, specifier: string, parent: string): void {
  if (isOurs && isPluginFile(parent)) throw new CoreImported(specifier)
}

/** By the name of its package, which is there for plugins in the checkout alone. */
function isCore(specifier: string): boolean {
  return /^@kong-ts\/core(\/|$)/.test(specifier)
}

const inside = new URL('..', import.meta.url).href

function isInside(url: string): boolean {
  return url.startsWith(inside)
}

/** Of the same package as the file that imports it. */
function isOwnFile(specifier: string, url: string): boolean {
  return /^\.{1,2}\//.test(specifier) && url.startsWith('file:') && !url.includes('?')
}

function isInstalledTypeScript(url: string): boolean {
  return /^file:.*\/node_modules\/.*\.m?ts$/.test(url)
}

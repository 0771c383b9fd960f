import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'

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
      if (specifier !== '@kong-ts/pdk' && !specifier.startsWith('@kong-ts/pdk/'))
        return next(specifier, context)
      return next(specifier, { ...context, parentURL: import.meta.url })
    },
    load(url, context, next) {
      if (!isInstalledTypeScript(url)) return next(url, context)
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'))
      return { format: 'module', shortCircuit: true, source }
    },
  })
}

function isInstalledTypeScript(url: string): boolean {
  return /^file:.*\/node_modules\/.*\.m?ts$/.test(url)
}

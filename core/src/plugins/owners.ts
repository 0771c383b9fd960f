import { pathToFileURL } from 'node:url'

/** The plugins whose files these are, by URL. */
const owners = new Map<string, string>()

/** From now on an error from these files is known to be this plugin's. */
export function ownFiles(plugin: string, paths: readonly string[]): void {
  for (const path of paths) owners.set(pathToFileURL(path).href, plugin)
}

/** The plugin from whose code an error comes, by its stack; undefined: nobody's. */
export function ownerOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return undefined
  for (const [url] of error.stack.matchAll(/file:\/\/[^\s)]*?(?=\?|:\d)/g)) {
    const plugin = owners.get(url)
    if (plugin !== undefined) return plugin
  }
  return undefined
}

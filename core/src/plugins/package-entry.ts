import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What `import` looks for, best first. */
const conditions: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default'])

/** Where a folder without a word about it keeps its code. */
const usual = ['index.ts', 'index.js', 'index.mjs', 'src/index.ts', 'src/index.js']

/**
 * The file that importing a package's folder runs: what its `exports` say about `.`, else its `main`, else an index.
 * Node resolves `exports` only for packages it finds by name; an operator may point at a folder anywhere.
 * @returns an absolute path, or undefined when there is no such file
 * @throws SyntaxError for a manifest that is not JSON
 */
export function entryOf(folder: string): string | undefined {
  const manifest = readManifest(folder)
  const exported = pick(manifest['exports'])
  const main = manifest['main']
  const named = exported ?? (typeof main === 'string' ? main : undefined)
  const candidates = named === undefined ? usual : [named, `${named}.js`, join(named, 'index.js')]
  return candidates.map((file) => join(folder, file)).find(isFile)
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

function readManifest(folder: string): Record<string, unknown> {
  const path = join(folder, 'package.json')
  if (!isFile(path)) return {}
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'))
  return isRecord(manifest) ? manifest : {}
}

/** The target of `.` among the forms of `exports` (https://nodejs.org/api/packages.html#conditional-exports). */
function pick(exported: unknown): string | undefined {
  if (typeof exported === 'string') return exported
  if (Array.isArray(exported)) return firstOf(exported)
  if (!isRecord(exported)) return undefined
  if ('.' in exported) return pick(exported['.'])
  const matching = Object.entries(exported).filter(([name]) => conditions.has(name))
  return firstOf(matching.map(([, target]) => target))
}

function firstOf(targets: readonly unknown[]): string | undefined {
  return targets.map(pick).find((target) => target !== undefined)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

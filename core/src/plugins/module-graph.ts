import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const marker = '?edition='

/** The files that a file imports by a relative path, all by URL. */
const imports = new Map<string, Set<string>>()
/** The stamp that a plugin's files had when it was loaded without a marker. */
const firstStamps = new Map<string, string>()

/** Files of plugins, by URL: their entries and what those import by a relative path. */
const ofPlugins = new Set<string>()

/** Whether a file belongs to a plugin that was loaded, or is being loaded. */
export function isPluginFile(url: string): boolean {
  return ofPlugins.has(plainUrl(url))
}

/** A URL without the edition that it may carry. */
export function plainUrl(url: string): string {
  const at = url.indexOf(marker)
  return at === -1 ? url : url.slice(0, at)
}

/**
 * The URL by which a relative import is loaded: in the edition of the file that asks for it, so that a plugin that is
 * loaded anew is loaded anew as a whole.
 */
export function followEdition(url: string, parent: string): string {
  const from = plainUrl(parent)
  if (ofPlugins.has(from)) ofPlugins.add(url)
  const known = imports.get(from)
  if (known) known.add(url)
  else imports.set(from, new Set([url]))
  return url + parent.slice(from.length)
}

/** The files that a plugin was made of when it was last loaded, as paths; its entry first. */
export function filesOf(entry: string): readonly string[] {
  const found = new Set([entry])
  // What is added on the way is visited, too.
  for (const url of found) for (const child of imports.get(url) ?? []) found.add(child)
  return [...found].map((url) => fileURLToPath(url))
}

/**
 * Node keeps a module for good: a plugin whose files have changed since is loaded under another URL.
 * @param load takes the URL
 */
export async function loadEdition<T>(entry: string, load: (url: string) => Promise<T>): Promise<T> {
  ofPlugins.add(entry)
  // Those who ask at the same time are to hear of the same edition.
  const before = turns.get(entry) ?? Promise.resolve()
  const loading = before.then(() => loadInTurn(entry, load))
  turns.set(
    entry,
    loading.catch(() => undefined),
  )
  return loading
}

/** The latest load of each entry. */
const turns = new Map<string, Promise<unknown>>()

async function loadInTurn<T>(entry: string, load: (url: string) => Promise<T>): Promise<T> {
  const first = firstStamps.get(entry)
  if (first !== undefined) {
    const stamp = stampOf(entry)
    return load(first === stamp ? entry : entry + marker + stamp)
  }
  // Should it fail, whatever comes next is another edition.
  firstStamps.set(entry, '')
  const loaded = await load(entry)
  firstStamps.set(entry, stampOf(entry))
  return loaded
}

function stampOf(entry: string): string {
  const hash = createHash('sha256')
  for (const path of filesOf(entry)) {
    const { mtimeNs, size } = statSync(path, { bigint: true, throwIfNoEntry: false }) ?? {}
    hash.update(`${path} ${mtimeNs} ${size}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

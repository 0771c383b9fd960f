import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Plain JavaScript: the install script is run by whatever Node npm runs on. */

const folder = new URL('addon/', import.meta.url)

/** The two addons, the better one first: `tls` needs the OpenSSL that Node is made with, `plain` nothing but Node-API. */
export const addonKinds = ['tls', 'plain']

/** Where an addon is built, for this machine unless another is named; a variant stands beside it. */
export function addonPath(kind = 'plain', variant = '', arch = process.arch) {
  const name = `transport-${kind}-${process.platform}-${arch}${variant}.node`
  return fileURLToPath(new URL(`../../../dist/native/${name}`, import.meta.url))
}

/** The files to compile for an addon. */
export function compiledFiles(kind = 'plain') {
  const others = kind === 'plain' ? /^tls\/.*/ : /^plain\.cc$/
  return sourceFiles()
    .filter((name) => name.endsWith('.cc') && !others.test(name))
    .map((name) => fileURLToPath(new URL(name, folder)))
}

/** What tells one state of the sources from another, so that an addon is never used with other sources. */
export function sourcesDigest() {
  const hash = createHash('sha256')
  for (const name of sourceFiles()) hash.update(name).update(readFileSync(new URL(name, folder)))
  return hash.digest('hex').slice(0, 16)
}

function sourceFiles() {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(cc|h)$/.test(name))
    .toSorted()
}

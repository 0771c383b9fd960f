import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readFile } from './read-file.ts'
import type { Edition, Terms } from './source.ts'

/** The last good list of a URL, as its server sent it, in a file for a start while the server is away. */
export class KeptList {
  readonly #path: string

  constructor(folder: string, url: string) {
    this.#path = join(folder, `${createHash('sha256').update(url).digest('hex')}.list`)
  }

  /** @throws when the file cannot be written; what it held before is still there then */
  async write(text: string): Promise<void> {
    const draft = `${this.#path}.${process.pid}`
    try {
      await writeFile(draft, text, { mode: 0o600 })
      await rename(draft, this.#path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }

  /** @throws when nothing is kept */
  read(terms: Pick<Terms, 'limit'>, signal: AbortSignal): Promise<Edition> {
    return readFile(this.#path, undefined, terms, signal)
  }
}

/** @throws where no list can be kept */
export function assertKeeps(folder: string): Promise<void> {
  return access(folder, constants.W_OK | constants.X_OK)
}

import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readSourceFile } from './read-source-file.ts'
import type { Edition, SourceTerms } from './source.ts'

/** What a URL had last, as its server sent it, in a file for a start while the server is away. */
export class KeptCopy {
  readonly #path: string

  constructor(folder: string, url: string) {
    this.#path = join(folder, `${createHash('sha256').update(url).digest('hex')}.list`)
  }

  /** @throws when the file cannot be written; what it held before is still there then */
  async write(bytes: Uint8Array): Promise<void> {
    const draft = `${this.#path}.${process.pid}`
    try {
      await writeFile(draft, bytes, { mode: 0o600 })
      await rename(draft, this.#path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }

  /** @throws when nothing is kept */
  read<T>(terms: Pick<SourceTerms<T>, 'limit' | 'read'>, signal: AbortSignal): Promise<Edition<T>> {
    return readSourceFile(this.#path, undefined, terms, signal)
  }
}

/** Looks whether a `keepIn` of `FollowedSource` is fit for it. @throws where nothing can be kept */
export function assertKeeps(folder: string): Promise<void> {
  return access(folder, constants.W_OK | constants.X_OK)
}

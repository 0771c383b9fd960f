import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

/** Appends whole texts to a file that need not exist yet. */
export class LogFile {
  readonly #path: string
  readonly #reopens: boolean
  #handle: FileHandle

  private constructor(path: string, reopens: boolean, handle: FileHandle) {
    this.#path = path
    this.#reopens = reopens
    this.#handle = handle
  }

  /**
   * @param reopens opens the path anew for every write, so that a file that was moved away is left alone
   * @throws with the path and the reason, when it cannot be written
   */
  static async open(path: string, reopens: boolean): Promise<LogFile> {
    try {
      return new LogFile(path, reopens, await openToAppend(path))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(`cannot write to ${path}: ${reason}`, { cause: error })
    }
  }

  async append(text: string): Promise<void> {
    if (this.#reopens) {
      const handle = await openToAppend(this.#path)
      await this.#handle.close()
      this.#handle = handle
    }
    await this.#handle.appendFile(text)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** Appending is what keeps lines whole while several processes write to one file. */
function openToAppend(path: string): Promise<FileHandle> {
  return open(path, 'a', 0o644)
}

import type { Clock } from '@kong-ts/pdk'
import { open, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

/** Milliseconds in which a file that was moved away is noticed. */
const lookEvery = 1000

/** Appends whole texts to a file that need not exist yet. */
export class LogFile {
  readonly #path: string
  readonly #reopens: boolean
  readonly #clock: Clock
  #handle: FileHandle
  #lookedAt: number

  private constructor(path: string, reopens: boolean, clock: Clock, handle: FileHandle) {
    this.#path = path
    this.#reopens = reopens
    this.#clock = clock
    this.#handle = handle
    this.#lookedAt = clock.now()
  }

  /**
   * @param reopens opens the path anew for every write; without it a file that was moved away takes lines for up to a
   *   second more
   * @throws with the path and the reason, when it cannot be written
   */
  static async open(path: string, reopens: boolean, clock: Clock): Promise<LogFile> {
    try {
      return new LogFile(path, reopens, clock, await openToAppend(path))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(`cannot write to ${path}: ${reason}`, { cause: error })
    }
  }

  async append(text: string): Promise<void> {
    if (this.#reopens || (await this.#wasMoved())) {
      const handle = await openToAppend(this.#path)
      await this.#handle.close()
      this.#handle = handle
    }
    await this.#handle.appendFile(text)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  /** Whether the path leads to another file by now, or to none. */
  async #wasMoved(): Promise<boolean> {
    const now = this.#clock.now()
    if (Math.abs(now - this.#lookedAt) < lookEvery) return false
    this.#lookedAt = now
    const [there, own] = await Promise.all([
      stat(this.#path).catch(() => undefined),
      this.#handle.stat(),
    ])
    return there?.ino !== own.ino || there.dev !== own.dev
  }
}

/** Appending is what keeps lines whole while several processes write to one file. */
function openToAppend(path: string): Promise<FileHandle> {
  return open(path, 'a', 0o644)
}

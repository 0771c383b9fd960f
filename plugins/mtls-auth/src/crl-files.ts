import { readFile, stat } from 'node:fs/promises'
import type { Clock, Log } from '@kong-ts/pdk'
import { readCrls, type Crl } from './crl.ts'

/** A file as it was read last. */
interface Known {
  /** Tells whether it has been written since. */
  readonly mark: string
  readonly lists: readonly Crl[]
}

interface Options {
  readonly paths: readonly string[]
  /** Milliseconds after which the files are looked at again, when somebody asks. */
  readonly interval: number
  readonly clock: Clock
  readonly log: Log
  /** Called with what a file holds. @throws Error when it must not be used */
  check(lists: readonly Crl[]): void
}

/**
 * Revocation lists of files. They are looked at when they are asked for, and no timer runs: a list is never older than
 * the interval when a certificate is judged by it. A file that cannot be read, or must not be used, leaves what it held
 * before.
 */
export class CrlFiles {
  readonly #options: Options
  readonly #known = new Map<string, Known>()
  #looked: number
  #looking: Promise<boolean> | undefined

  private constructor(options: Options) {
    this.#options = options
    this.#looked = options.clock.now()
  }

  /** @throws Error naming the file that cannot be read, or must not be used */
  static async open(options: Options): Promise<CrlFiles> {
    const files = new CrlFiles(options)
    for (const [at, path] of options.paths.entries()) {
      try {
        await files.#read(path)
      } catch (error) {
        throw new Error(`config.crl_files.${at + 1}: ${path}: ${messageOf(error)}`, {
          cause: error,
        })
      }
    }
    return files
  }

  get lists(): readonly Crl[] {
    return [...this.#known.values()].flatMap(({ lists }) => lists)
  }

  /** Resolves to whether something is new; undefined: it is not time to look. Never rejects. */
  refresh(): Promise<boolean> | undefined {
    if (this.#looking) return this.#looking
    const { clock, interval, paths } = this.#options
    const now = clock.now()
    // A clock that was set back must not make the lists grow old.
    if (paths.length === 0 || Math.abs(now - this.#looked) < interval) return undefined
    this.#looking = this.#lookAgain().finally(() => {
      this.#looked = clock.now()
      this.#looking = undefined
    })
    return this.#looking
  }

  async #lookAgain(): Promise<boolean> {
    const read = await Promise.all(this.#options.paths.map((path) => this.#readAgain(path)))
    return read.includes(true)
  }

  async #readAgain(path: string): Promise<boolean> {
    try {
      return await this.#read(path)
    } catch (error) {
      const fields = { file: path, error: messageOf(error) }
      this.#options.log.warn(fields, 'a revocation list cannot be used; the last good one stays')
      return false
    }
  }

  /** @returns whether it is new */
  async #read(path: string): Promise<boolean> {
    const { mtimeMs, size, ino } = await stat(path)
    const mark = [mtimeMs, size, ino].join()
    if (this.#known.get(path)?.mark === mark) return false
    const lists = readCrls(await readFile(path))
    this.#options.check(lists)
    this.#known.set(path, { mark, lists })
    return true
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

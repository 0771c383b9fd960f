import { watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'

/** Milliseconds of silence after which a save is over: an editor writes in several steps. */
const settled = 25

/**
 * Watches files through their folders, because editors replace what they save. One call at a time; what changes
 * meanwhile is another call.
 */
export class FileWatch implements Disposable {
  readonly #files: () => readonly string[]
  readonly #changed: () => Promise<void>
  readonly #watchers = new Map<string, FSWatcher>()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  /**
   * @param files which ones, asked again after each change
   * @param changed never rejects
   */
  constructor(files: () => readonly string[], changed: () => Promise<void>) {
    this.#files = files
    this.#changed = changed
    this.#follow()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  #follow(): void {
    for (const folder of new Set(this.#files().map(dirname))) {
      if (this.#watchers.has(folder)) continue
      this.#watchers.set(
        folder,
        watch(folder, (_event, name) => this.#heard(folder, name)),
      )
    }
  }

  #heard(folder: string, name: string | null): void {
    const concerns = this.#files().some((file) => name === null || file === `${folder}/${name}`)
    if (!concerns) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#running = this.#running.then(async () => {
        await this.#changed()
        this.#follow()
      })
    }, settled)
  }
}

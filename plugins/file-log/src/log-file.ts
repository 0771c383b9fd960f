import { reasonOf } from '@kong-ts/pdk'
import type { Clock } from '@kong-ts/pdk'
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTarget } from './open-target.ts'
import type { Target } from './open-target.ts'

/** Milliseconds in which a file that was moved away is noticed. */
const lookEvery = 1000
/** Bytes that a pipe takes whole or not at all (PIPE_BUF of Linux). */
const pipeBuffer = 4096
/** Milliseconds between two tries at a pipe that is full, and how many tries are made. */
const pause = 20
const tries = 50
const lineEnd = 10

/** What was not written whole. */
interface Unfinished {
  readonly bytes: Buffer
  /** Bytes that were. */
  readonly written: number
}

/** Appends whole lines to a file, or to what stands for one. */
export class LogFile {
  readonly #path: string
  readonly #reopens: boolean
  readonly #clock: Clock
  #target: Target | undefined
  #lookedAt: number
  #unfinished: Unfinished | undefined

  private constructor(path: string, reopens: boolean, clock: Clock) {
    this.#path = path
    this.#reopens = reopens
    this.#clock = clock
    this.#lookedAt = clock.now()
  }

  /**
   * A FIFO need not be read yet: like a server that is away, it may come.
   * @param reopens opens the path anew for every write; without it a file that was moved away takes lines for up to a
   *   second more
   * @throws with the path and the reason, when it cannot be written
   */
  static async open(path: string, reopens: boolean, clock: Clock): Promise<LogFile> {
    const file = new LogFile(path, reopens, clock)
    try {
      await file.#open()
    } catch (error) {
      if (!isOf(error, 'ENXIO')) throw file.#failure(error)
    }
    return file
  }

  /**
   * What failed half-way goes on where it ended, when the same buffer is given again.
   * @throws with the path and the reason, when not all was written
   */
  async append(bytes: Buffer, signal: AbortSignal): Promise<void> {
    try {
      const target = await this.#current()
      let written = this.#unfinished?.bytes === bytes ? this.#unfinished.written : 0
      this.#unfinished = undefined
      for (let left = tries; written < bytes.length;) {
        const length = target.isPipe ? atOnce(bytes, written) : bytes.length - written
        const taken = await target.write(bytes, written, length).catch(async (error: unknown) => {
          this.#unfinished = { bytes, written }
          if (!isOf(error, 'EAGAIN') || left-- === 0) throw error
          await sleep(pause, undefined, { signal })
          return 0
        })
        if (taken > 0) left = tries
        written += taken
      }
      this.#unfinished = undefined
    } catch (error) {
      throw this.#failure(error)
    }
  }

  async close(): Promise<void> {
    await this.#target?.close()
  }

  /** What the path leads to. */
  async #current(): Promise<Target> {
    const target = this.#target
    if (target && !this.#reopens && !(await this.#wasMoved(target))) return target
    const opened = await this.#open()
    await target?.close()
    return opened
  }

  async #open(): Promise<Target> {
    const target = await openTarget(this.#path)
    this.#lookedAt = this.#clock.now()
    // The beginning of a line stayed where the file went.
    if (this.#unfinished) this.#unfinished = fromLineStart(this.#unfinished)
    return (this.#target = target)
  }

  /** Whether the path leads to another file by now, or to none. It is asked until a file was opened. */
  async #wasMoved({ dev, ino }: Target): Promise<boolean> {
    const now = this.#clock.now()
    if (Math.abs(now - this.#lookedAt) < lookEvery) return false
    const there = await stat(this.#path).catch(() => undefined)
    if (there?.ino !== ino || there.dev !== dev) return true
    this.#lookedAt = now
    return false
  }

  #failure(error: unknown): Error {
    return new Error(`cannot write to ${this.#path}: ${word(error)}`, { cause: error })
  }
}

/** As many whole lines as a pipe takes at once, so that those of several writers do not mix; of a longer one all. */
function atOnce(bytes: Buffer, from: number): number {
  const rest = bytes.length - from
  if (rest <= pipeBuffer) return rest
  const last = bytes.lastIndexOf(lineEnd, from + pipeBuffer - 1)
  return (last >= from ? last : bytes.indexOf(lineEnd, from)) + 1 - from
}

function fromLineStart({ bytes, written }: Unfinished): Unfinished {
  const start = written === 0 ? 0 : bytes.lastIndexOf(lineEnd, written - 1) + 1
  return { bytes, written: start }
}

function word(error: unknown): string {
  if (isOf(error, 'ENXIO', 'EPIPE')) return 'nobody reads this FIFO'
  return isOf(error, 'EAGAIN') ? 'its reader takes nothing' : reasonOf(error)
}

function isOf(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
